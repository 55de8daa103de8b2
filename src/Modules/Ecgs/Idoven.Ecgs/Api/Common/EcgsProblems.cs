using Idoven.Shared.Web;

namespace Idoven.Ecgs.Api.Common;

/// <summary>The problem types of the module.</summary>
internal static class EcgsProblems
{
    public static readonly ProblemType ProcessingFailed = new("processing-failed", "The analysis failed");
    public static readonly ProblemType NotComputed = new("not-computed", "The result was not computed");
    public static readonly ProblemType QuotaExceeded = new("quota-exceeded", "The storage quota of the owner is exceeded");

    /// <summary>Gets all of them.</summary>
    public static ProblemType[] All => [ProcessingFailed, NotComputed, QuotaExceeded];
}
