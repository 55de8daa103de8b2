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

/// <summary>A new secret of a client.</summary>
/// <param name="Secret">The secret, which cannot be read again; null if the request is repeated with its Idempotency-Key.</param>
internal sealed record ClientSecretResponse(string? Secret);

internal static class RotateClientSecretEndpoint
{
    public static void MapRotateClientSecret(this IEndpointRouteBuilder clients) => clients.MapPost("{id}/secrets", Handle)
        .RequireAuthorization(IdentityPolicies.ClientsChange)
        .Audits(ModuleName.Value, AuditActions.RotateClientSecret)
        .WithName("RotateClientSecret")
        .WithSummary("Add a secret; the previous one stays valid until the next is added, older ones expire")
        .WithDescription(
            "A client can change to the new secret while the old one is still valid. Clients with keys and public clients have no secrets. "
            + "A machine client adds its own, with a token with the scope clients:self; an administrator adds those of clients without "
            + "access to ECGs.")
        .Idempotent()
        .Returns<ClientSecretResponse>(
            StatusCodes.Status201Created, "The new secret.", """{"secret":"idvs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1Yo7hP"}""")
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
