using System.ComponentModel.DataAnnotations;

namespace Idoven.Ecgs.Application.Accesses;

/// <summary>The section <c>Access</c> of the configuration.</summary>
internal sealed class AccessOptions
{
    /// <summary>How many days a row of the access log is kept.</summary>
    [Range(30, 36_500)]
    public int KeepDays { get; set; } = 400;

    /// <summary>
    /// Rows that a host holds in memory until they are stored or their window ends, a quarter of them of one caller; past it reads get 503.
    /// </summary>
    [Range(100, 10_000_000)]
    public int Buffer { get; set; } = 50_000;
}
