using System.ComponentModel.DataAnnotations;

namespace Idoven.Shared.Audit;

/// <summary>The section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>The number of days for which entries are kept.</summary>
    [Range(30, 36_500)]
    public int KeepDays { get; set; } = 400;

    /// <summary>32 random bytes in base64, from which the sealing key is derived; null to derive it from <c>Auth:MasterKey</c>.</summary>
    public string? SealKey { get; set; }
}
