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

/// <summary>Represents the erasure of a deleted user.</summary>
/// <param name="UserId">The id of the deleted user.</param>
/// <param name="RequestedAt">The time at which the user was deleted.</param>
/// <param name="FinishedAt">The time at which the last module finished; null until then.</param>
/// <param name="Modules">The modules that store data of users.</param>
internal sealed record ErasureResponse(
    Guid UserId, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, IReadOnlyDictionary<string, ErasedPartResponse> Modules)
{
    public const string Example =
        """
        {"userId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","requestedAt":"2026-11-23T09:15:00+00:00","finishedAt":null,
        "modules":{"ecgs":{"finishedAt":"2026-11-23T09:15:02+00:00","counts":{"ecgs":12}},"identity":{"finishedAt":null,"counts":null}}}
        """;

    private static readonly string[] ModulesWithData = ["ecgs", "identity"];

    public static ErasureResponse FromErasure(Erasure erasure)
    {
        var parts = erasure.Parts.ToDictionary(part => part.Module);
        return new ErasureResponse(
            erasure.UserId,
            erasure.RequestedAt,
            ModulesWithData.All(parts.ContainsKey) ? parts.Values.Max(part => part.FinishedAt) : null,
            ModulesWithData.ToDictionary(module => module, module => ErasedPartResponse.FromPart(parts.GetValueOrDefault(module))));
    }
}

/// <summary>Represents the erasure of the data of one module.</summary>
/// <param name="FinishedAt">The time at which the module finished; null until then.</param>
/// <param name="Counts">The number of erased items of each kind; null until the module has finished.</param>
internal sealed record ErasedPartResponse(DateTimeOffset? FinishedAt, IReadOnlyDictionary<string, long>? Counts)
{
    public static ErasedPartResponse FromPart(ErasedPart? part) => new(part?.FinishedAt, part?.Counts);
}

internal static class GetErasureEndpoint
{
    public static void MapGetErasure(this IEndpointRouteBuilder users) => users.MapGet("erasures/{id}", Handle)
        .RequireAuthorization(UsersPolicies.UsersList)
        .WithName("GetErasure")
        .WithSummary("Read the progress of the erasure of a deleted user, by the user's id")
        .WithDescription("After DELETE of a user, each module erases its data of that user within seconds. For administrators only.")
        .Returns<ErasureResponse>(StatusCodes.Status200OK, "The progress of the erasure.", ErasureResponse.Example);

    private static async Task<Results<Ok<ErasureResponse>, ProblemHttpResult>> Handle(
        string id, CurrentCaller caller, IUsers users, CancellationToken ct) =>
        await users.FindErasure(RouteId.Parse(id), ct) is { } erasure && caller.Actor().MayManage(erasure.Role)
            ? TypedResults.Ok(ErasureResponse.FromErasure(erasure))
            : Problems.NotFound();
}
