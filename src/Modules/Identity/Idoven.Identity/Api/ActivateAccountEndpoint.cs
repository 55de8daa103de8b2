using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

internal sealed record ActivateAccountRequest(string Token, string Password);

internal static class ActivateAccountEndpoint
{
    public static void MapActivateAccount(this IEndpointRouteBuilder account) => account.MapPost("activate", Handle)
        .AllowAnonymous()
        .AddEndpointFilter<PasswordRefusals>()
        .WithName("ActivateAccount")
        .WithSummary("Choose the password of a new account, with its one-time activation token")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(HttpContext context, ActivateAccountHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<ActivateAccountRequest>(context, ct);
        return await handler.Handle(request.Token, request.Password, ct)
            ? TypedResults.NoContent()
            : Problems.BadRequest("The body breaks a rule.", new ProblemError("/token", "It is unknown, used, replaced by a newer one, or over."));
    }
}
