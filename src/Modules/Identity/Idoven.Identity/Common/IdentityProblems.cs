using Idoven.Shared.Web;

namespace Idoven.Identity.Common;

/// <summary>The problem types of the module.</summary>
internal static class IdentityProblems
{
    public static readonly ProblemType AlreadyEnrolled = new("already-enrolled", "The client already has a credential");
    public static readonly ProblemType ClientCredentials = new("client-credentials", "Only the client can change its credentials");
    public static readonly ProblemType SecondFactorOn = new("second-factor-on", "The second factor is on");
    public static readonly ProblemType SecondFactorOff = new("second-factor-off", "The second factor is off");

    /// <summary>Gets all of them.</summary>
    public static ProblemType[] All => [AlreadyEnrolled, ClientCredentials, SecondFactorOn, SecondFactorOff];
}
