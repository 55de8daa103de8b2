using System.ComponentModel.DataAnnotations;

namespace Idoven.Users.Application;

/// <summary>Represents the section <c>Users:Erasure</c>.</summary>
internal sealed class ErasureOptions
{
    /// <summary>
    /// How long a deleted user is only disabled, and can be enabled again, before the account and its ECGs are erased. By default they are
    /// erased at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "90.00:00:00", ErrorMessage = "give 0 to 90 days, such as 7.00:00:00")]
    public TimeSpan Grace { get; set; }
}
