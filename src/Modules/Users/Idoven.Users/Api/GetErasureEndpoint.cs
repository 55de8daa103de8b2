using Idoven.Shared.Http;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

/// <param name="FinishedAt">When the last module was done; absent until then.</param>
/// <param name="Modules">Every module that holds something of users.</param>
internal sealed record ErasureResponse(
    Guid UserId, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, IReadOnlyDictionary<string, ErasedPartResponse> Modules)
{
    private static readonly string[] Holders = ["ecgs", "identity"];

    public static ErasureResponse Of(Erasure erasure)
    {
        var parts = erasure.Parts.ToDictionary(part => part.Module);
        return new ErasureResponse(
            erasure.UserId,
            erasure.RequestedAt,
            Holders.All(parts.ContainsKey) ? parts.Values.Max(part => part.FinishedAt) : null,
            Holders.ToDictionary(module => module, module => new ErasedPartResponse(parts.GetValueOrDefault(module)?.FinishedAt, parts.GetValueOrDefault(module)?.Counts)));
    }
}

/// <param name="Counts">How many of each kind were erased; absent until it is finished.</param>
internal sealed record ErasedPartResponse(DateTimeOffset? FinishedAt, IReadOnlyDictionary<string, long>? Counts);

internal static class GetErasureEndpoint
{
    public static void MapGetErasure(this IEndpointRouteBuilder users) => users.MapGet("erasures/{id}", Handle)
        .RequireAuthorization(Policies.UsersList)
        .WithName("GetErasure")
        .WithSummary("How far the erasure of a deleted user is, by the user's id")
        .Produces<ErasureResponse>()
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<ErasureResponse>, ProblemHttpResult>> Handle(string id, CurrentCaller caller, IUsers users, CancellationToken ct) =>
        await users.FindErasure(RouteId.Of(id), ct) is { } erasure && caller.Actor().MayManage(erasure.Role)
            ? TypedResults.Ok(ErasureResponse.Of(erasure))
            : Problems.NotFound();
}
