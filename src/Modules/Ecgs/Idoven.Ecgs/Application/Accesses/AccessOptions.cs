using System.ComponentModel.DataAnnotations;

namespace Idoven.Ecgs.Application.Accesses;

/// <summary>Represents the section <c>Access</c> of the configuration.</summary>
internal sealed class AccessOptions
{
    /// <summary>Gets or sets the retention of the access log in days.</summary>
    [Range(30, 36_500)]
    public int KeepDays { get; set; } = 400;

    /// <summary>
    /// Gets or sets the maximum number of rows in the memory of a host until they are stored or their window ends, a quarter of them of one
    /// caller. Beyond it, reads get 503.
    /// </summary>
    [Range(100, 10_000_000)]
    public int Buffer { get; set; } = 50_000;
}
