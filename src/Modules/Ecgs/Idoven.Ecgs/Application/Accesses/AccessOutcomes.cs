namespace Idoven.Ecgs.Application.Accesses;

/// <summary>The codes for the outcome of an access.</summary>
internal static class AccessOutcomes
{
    public const string Allowed = "allowed";
    public const string Forbidden = "forbidden";
    public const string NotFound = "not_found";

    /// <summary>The ECG belongs to another owner. The response was the same as for an ECG that does not exist.</summary>
    public const string NotOwner = "not_owner";

    public const string Conflict = "conflict";
    public const string TooMany = "too_many";

    /// <summary>The request breaks a rule of its route.</summary>
    public const string Rejected = "rejected";

    /// <summary>The service failed to handle the request.</summary>
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
