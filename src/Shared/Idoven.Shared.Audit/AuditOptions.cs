using System.ComponentModel.DataAnnotations;

namespace Idoven.Shared.Audit;

/// <summary>The section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>How long what is on record is kept.</summary>
    [Range(30, 36_500)]
    public int KeepDays { get; set; } = 400;

    /// <summary>32 random bytes in base64, from which the key is derived that seals the trail; null: <c>Auth:MasterKey</c> takes its place.</summary>
    public string? SealKey { get; set; }
}
