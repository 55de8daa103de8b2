using Idoven.Identity.Clients;
using Idoven.Identity.Common;
using Idoven.Identity.SignIn;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.ClientEnrolment;

/// <summary>A request of a client for its first credential.</summary>
/// <param name="ClientId">The client that the token was issued for.</param>
/// <param name="Token">The one-time enrolment token.</param>
/// <param name="Jwks">The public keys that the client signs with; without them it gets a secret.</param>
internal sealed record EnrolClientRequest(string ClientId, string Token, ClientKeys? Jwks = null);

/// <summary>The client's first credential.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="Secret">The secret, which cannot be read again; null for a client that sent its keys.</param>
internal sealed record EnrolledClientResponse(string ClientId, string? Secret);

internal static class EnrolClientEndpoint
{
    public static void MapEnrolClient(this IEndpointRouteBuilder clients) => clients.MapPost("enrolment", Handle)
        .AllowAnonymous()
        .Audits(ModuleName.Value, AuditActions.EnrolClient)
        .AddEndpointFilter<PasswordRejections>()
        .WithName("EnrolClient")
        .WithSummary("Exchange an enrolment token for the client's first secret, or register its public keys")
        .WithDescription(
            "The client itself sends this request, with the token from its registration. The token is valid once, and expires after "
            + "72 hours. A client that may lose the response sends keys: it then needs nothing from the response.")
        .Reads<EnrolClientRequest>(
            """{"clientId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","token":"q2N7oZkq3gq0yJm0m4c8Yl2bq6m1XWvQ3kS1n5n8r0A"}""")
        .Returns<EnrolledClientResponse>(
            StatusCodes.Status200OK, "The client has its credential.",
            """{"clientId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","secret":"idvs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1Yo7hP"}""")
        .Rejects(StatusCodes.Status400BadRequest, "The token is unknown, used, replaced, expired, or was issued for another client.")
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many attempts are waiting.");

    private static async Task<Results<Ok<EnrolledClientResponse>, ProblemHttpResult>> Handle(
        HttpContext context, EnrolClientHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<EnrolClientRequest>(context, ct);
        try
        {
            return await handler.Handle(request.ClientId, request.Token, request.Jwks, ct) is { } enrolled
                ? TypedResults.Ok(new EnrolledClientResponse(enrolled.Id, enrolled.Secret))
                : Problems.BadRequest("The body is not valid.", new ProblemError("/token", "The token is invalid or expired."));
        }
        catch (ClientRuleException e)
        {
            return Problems.BadRequest("The body is not valid.", new ProblemError(e.Pointer, e.Message));
        }
    }
}
