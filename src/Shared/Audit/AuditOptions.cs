using System.ComponentModel.DataAnnotations;

namespace Idoven.Shared.Audit;

/// <summary>The section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>How long what is on record is kept.</summary>
    [Range(30, 36_500)]
    public int KeepDays { get; set; } = 400;
}
