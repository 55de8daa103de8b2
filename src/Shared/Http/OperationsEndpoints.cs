using Idoven.Shared.Messaging.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Http;

/// <summary>What is parked in a module.</summary>
/// <param name="Items">The oldest first, at most 200.</param>
internal sealed record ParkedList(IReadOnlyList<ParkedMessage> Items);

public static class OperationsEndpoints
{
    private const int MaxItems = 200;

    /// <summary><c>/api/v1/&lt;module&gt;/operations/parked</c>: list, replay, discard; the same in every module.</summary>
    public static void MapOperations(this IEndpointRouteBuilder app, string module, string policy)
    {
        var parked = app.MapGroup($"/api/v1/{module}/operations/parked").WithTags("Operations").RequireAuthorization(policy)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
        parked.MapGet("", async (IServiceProvider services, CancellationToken ct) =>
            {
                var items = new List<ParkedMessage>();
                foreach (var kind in services.GetKeyedServices<IParked>(module))
                {
                    items.AddRange(await kind.List(MaxItems, ct));
                }

                return TypedResults.Ok(new ParkedList([.. items.OrderBy(item => item.Since).Take(MaxItems)]));
            })
            .WithName($"ListParked_{module}")
            .WithSummary("List what could not be handled or sent, with reasons");
        parked.MapPost("{id}/replay", (string id, IServiceProvider services, CancellationToken ct) =>
                First(services, module, kind => kind.Replay(RouteId.Of(id), ct), TypedResults.Accepted((string?)null)))
            .WithName($"ReplayParked_{module}")
            .WithSummary("Try it again now")
            .Produces(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound);
        parked.MapPost("{id}/discard", (string id, IServiceProvider services, CancellationToken ct) =>
                First(services, module, kind => kind.Discard(RouteId.Of(id), ct), TypedResults.NoContent()))
            .WithName($"DiscardParked_{module}")
            .WithSummary("Give it up for good")
            .WithDescription("An ECG is its owner's and an event has a number in the feed: neither can be discarded, and the answer is 404.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>The first kind that has such an entry.</summary>
    private static async Task<Results<T, ProblemHttpResult>> First<T>(IServiceProvider services, string module, Func<IParked, Task<bool>> act, T done)
        where T : IResult
    {
        foreach (var kind in services.GetKeyedServices<IParked>(module))
        {
            if (await act(kind))
            {
                return done;
            }
        }

        return Problems.NotFound();
    }
}
