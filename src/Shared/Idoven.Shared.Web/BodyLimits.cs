namespace Idoven.Shared.Web;

/// <summary>The limits of request bodies.</summary>
public static class BodyLimits
{
    /// <summary>The largest body in bytes of every route except the upload.</summary>
    public const int SmallBodyBytes = 64 * 1024;
}
