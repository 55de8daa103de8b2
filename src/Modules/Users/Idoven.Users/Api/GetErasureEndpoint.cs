using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

/// <summary>The erasure of a deleted user.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="RequestedAt">When the user was deleted.</param>
/// <param name="FinishedAt">When the last module was done; null until then.</param>
/// <param name="Modules">Every module that holds something of users.</param>
internal sealed record ErasureResponse(
    Guid UserId, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, IReadOnlyDictionary<string, ErasedPartResponse> Modules)
{
    public const string Example =
        """
        {"userId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","requestedAt":"2026-11-23T09:15:00+00:00","finishedAt":null,
        "modules":{"ecgs":{"finishedAt":"2026-11-23T09:15:02+00:00","counts":{"ecgs":12}},"identity":{"finishedAt":null,"counts":null}}}
        """;

    private static readonly string[] Holders = ["ecgs", "identity"];

    public static ErasureResponse FromErasure(Erasure erasure)
    {
        var parts = erasure.Parts.ToDictionary(part => part.Module);
        return new ErasureResponse(
            erasure.UserId,
            erasure.RequestedAt,
            Holders.All(parts.ContainsKey) ? parts.Values.Max(part => part.FinishedAt) : null,
            Holders.ToDictionary(module => module, module => new ErasedPartResponse(parts.GetValueOrDefault(module)?.FinishedAt, parts.GetValueOrDefault(module)?.Counts)));
    }
}

/// <summary>One module's part.</summary>
/// <param name="FinishedAt">When it was done; null until then.</param>
/// <param name="Counts">How many of each kind were erased; null until it is finished.</param>
internal sealed record ErasedPartResponse(DateTimeOffset? FinishedAt, IReadOnlyDictionary<string, long>? Counts);

internal static class GetErasureEndpoint
{
    public static void MapGetErasure(this IEndpointRouteBuilder users) => users.MapGet("erasures/{id}", Handle)
        .RequireAuthorization(UsersPolicies.UsersList)
        .WithName("GetErasure")
        .WithSummary("How far the erasure of a deleted user is, by the user's id")
        .WithDescription("After DELETE of a user each module erases what it holds of them, within seconds. Administrators only.")
        .Returns<ErasureResponse>(StatusCodes.Status200OK, "How far it is.", ErasureResponse.Example);

    private static async Task<Results<Ok<ErasureResponse>, ProblemHttpResult>> Handle(string id, CurrentCaller caller, IUsers users, CancellationToken ct) =>
        await users.FindErasure(RouteId.Parse(id), ct) is { } erasure && caller.Actor().MayManage(erasure.Role)
            ? TypedResults.Ok(ErasureResponse.FromErasure(erasure))
            : Problems.NotFound();
}
