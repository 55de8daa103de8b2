using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

internal sealed record ChangePasswordRequest(string CurrentPassword, string NewPassword);

internal static class ChangePasswordEndpoint
{
    public static void MapChangePassword(this IEndpointRouteBuilder account) => account.MapPost("password", Handle)
        .RequireAuthorization(Policies.OwnAccount)
        .AddEndpointFilter<PasswordRefusals>()
        .WithName("ChangePassword")
        .WithSummary("Choose another password; every session ends, this one too")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        HttpContext context, CurrentCaller caller, ChangePasswordHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<ChangePasswordRequest>(context, ct);
        return await handler.Handle(RouteId.Of(caller.Subject), request.CurrentPassword, request.NewPassword, ct)
            ? TypedResults.NoContent()
            : Problems.BadRequest("The body breaks a rule.", new ProblemError("/currentPassword", "It is wrong."));
    }
}
