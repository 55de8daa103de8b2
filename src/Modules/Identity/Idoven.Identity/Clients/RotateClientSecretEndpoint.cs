using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Clients;

/// <summary>A further secret of a client.</summary>
/// <param name="Secret">Shown this once: null where the request is repeated under its key.</param>
internal sealed record ClientSecretResponse(string? Secret);

internal static class RotateClientSecretEndpoint
{
    public static void MapRotateClientSecret(this IEndpointRouteBuilder clients) => clients.MapPost("{id}/secrets", Handle)
        .RequireAuthorization(IdentityPolicies.ClientsChange)
        .Audits(ModuleName.Value, AuditActions.RotateClientSecret)
        .WithName("RotateClientSecret")
        .WithSummary("Add a secret; the one before stays until the next, an older one ends")
        .WithDescription(
            "So a client can be given the new secret while it still uses the old. One that signs with a key, or is public, has none. A machine "
            + "client does this itself, with a token of the scope clients:self; an administrator only for clients that may not reach ECGs.")
        .Idempotent()
        .Returns<ClientSecretResponse>(StatusCodes.Status201Created, "The new secret.", """{"secret":"idvs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1Yo7hP"}""")
        .Rejects(StatusCodes.Status403Forbidden, "Only the client itself may change its credentials.", IdentityProblems.ClientCredentials);

    private static async Task<Results<Created<ClientSecretResponse>, ProblemHttpResult>> Handle(
        string id, HttpContext context, CurrentCaller caller, RotateClientSecretHandler handler, CancellationToken ct)
    {
        if (!caller.MaySee(id))
        {
            return Problems.NotFound();
        }

        try
        {
            var (isFound, secret) = await handler.Handle(id, caller.Changer(), await JsonBody.ReadKey(context, ct), ct);
            return isFound ? TypedResults.Created((string?)null, new ClientSecretResponse(secret)) : Problems.NotFound();
        }
        catch (ClientCredentialsException)
        {
            return ClientCaller.CredentialsRejection();
        }
    }
}
