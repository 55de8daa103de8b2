using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Identity.Clients;

/// <summary>The rights of a caller over a client: an administrator may read any client, a machine client only itself.</summary>
internal static class ClientCaller
{
    /// <returns>False for a machine client and the id of another client.</returns>
    public static bool MaySee(this CurrentCaller caller, string clientId) => !caller.IsMachine || caller.Id == clientId;

    public static ClientChanger Changer(this CurrentCaller caller) => caller.IsMachine ? ClientChanger.Client : ClientChanger.Administrator;

    public static ProblemHttpResult CredentialsRejection() => Problems.Forbidden(
        IdentityProblems.ClientCredentials,
        "The client has access to ECGs or accounts, or rights that are granted on the host: only the client itself, or an operator on the "
        + "host, changes its credentials.");
}
