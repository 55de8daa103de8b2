using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Identity.Clients;

/// <summary>Who asks about a client: an administrator, about any; or a machine client, about itself only.</summary>
internal static class ClientCaller
{
    /// <returns>False for a machine client that asks about another.</returns>
    public static bool MaySee(this CurrentCaller caller, string clientId) => !caller.IsMachine || caller.Id == clientId;

    public static ClientChanger Changer(this CurrentCaller caller) => caller.IsMachine ? ClientChanger.Client : ClientChanger.Administrator;

    public static ProblemHttpResult CredentialsRejection() => Problems.Forbidden(
        IdentityProblems.ClientCredentials,
        "The client may reach ECGs or accounts, or has rights that are granted on the host: it changes its credentials itself, or an "
        + "operator does on the host.");
}
