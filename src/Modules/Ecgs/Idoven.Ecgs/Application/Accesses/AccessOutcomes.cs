namespace Idoven.Ecgs.Application.Accesses;

/// <summary>How an access ended, as a code.</summary>
internal static class AccessOutcomes
{
    public const string Allowed = "allowed";
    public const string Forbidden = "forbidden";
    public const string NotFound = "not_found";

    /// <summary>The ECG belongs to another owner. The caller got the same response as for one that does not exist.</summary>
    public const string NotOwner = "not_owner";

    public const string Conflict = "conflict";
    public const string TooMany = "too_many";

    /// <summary>The request breaks a rule of its route.</summary>
    public const string Rejected = "rejected";

    /// <summary>The service could not answer.</summary>
    public const string Failed = "failed";

    /// <summary>Returns the outcome that an HTTP status stands for.</summary>
    public static string FromStatus(int status) => status switch
    {
        < 400 => Allowed,
        403 => Forbidden,
        404 => NotFound,
        409 => Conflict,
        429 => TooMany,
        < 500 => Rejected,
        _ => Failed,
    };
}
