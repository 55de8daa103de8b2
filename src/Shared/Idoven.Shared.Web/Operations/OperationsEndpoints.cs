using Idoven.Shared.Messaging.Operations;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Web.Operations;

/// <summary>The parked messages of a module.</summary>
/// <param name="Items">The messages, the oldest first, at most 200.</param>
internal sealed record ParkedList(IReadOnlyList<ParkedMessage> Items)
{
    public const string Example =
        """
        {"items":[{"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","queue":"identity-create-account","type":"unknown",
        "reason":"Unreadable","attempts":20,"since":"2026-11-23T09:15:00+00:00","nextAttemptAt":null}]}
        """;
}

public static class OperationsEndpoints
{
    private const int MaxItems = 200;

    /// <summary>Adds the module's parked deliveries and parked sends to those that the operations endpoints list.</summary>
    public static void AddParkedMessages<TDb>(this IServiceCollection services, string module)
        where TDb : DbContext
    {
        services.AddKeyedScoped<IParked, ParkedDeliveries<TDb>>(module);
        services.AddKeyedScoped<IParked, ParkedSends<TDb>>(module);
    }

    /// <summary><c>/api/v1/&lt;module&gt;/operations/parked</c>: list, replay, discard; the same in every module.</summary>
    /// <returns>Their group.</returns>
    public static RouteGroupBuilder MapOperations(this IEndpointRouteBuilder app, string module, string policy)
    {
        var parked = app.MapGroup($"/api/v1/{module}/operations/parked").WithTags("Operations").RequireAuthorization(policy)
            .Takes("id", "The entry's id.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f\"");
        var where = $"{char.ToUpperInvariant(module[0])}{module[1..]}";
        parked.MapGet("", async (IServiceProvider services, CancellationToken ct) =>
            {
                var items = new List<ParkedMessage>();
                foreach (var kind in services.GetKeyedServices<IParked>(module))
                {
                    items.AddRange(await kind.List(MaxItems, ct));
                }

                return TypedResults.Ok(new ParkedList([.. items.OrderBy(item => item.Since).Take(MaxItems)]));
            })
            .WithName($"ListParkedIn{where}")
            .WithSummary($"List the messages that {where} could not handle or send")
            .WithDescription(
                "The list has identifiers and reasons, never content. A message with a next attempt is retried automatically; " +
                "the others need an operator.")
            .Returns<ParkedList>(StatusCodes.Status200OK, "The parked messages.", ParkedList.Example);
        parked.MapPost("{id}/replay", (string id, IServiceProvider services, CancellationToken ct) =>
                First(services, module, kind => kind.Replay(RouteId.Parse(id), ct), TypedResults.Accepted((string?)null)))
            .Audits(module, ParkedAuditActions.Replay)
            .WithName($"ReplayParkedIn{where}")
            .WithSummary($"Retry a parked message of {where} now")
            .WithDescription("The number of attempts starts again. Remove the cause first.")
            .Returns(StatusCodes.Status202Accepted, "The message is due now.");
        parked.MapPost("{id}/discard", (string id, IServiceProvider services, CancellationToken ct) =>
                First(services, module, kind => kind.Discard(RouteId.Parse(id), ct), TypedResults.NoContent()))
            .Audits(module, ParkedAuditActions.Discard)
            .WithName($"DiscardParkedIn{where}")
            .WithSummary($"Discard a parked message of {where}")
            .WithDescription("A failed ECG and a public event cannot be discarded: the response is 404.")
            .Returns(StatusCodes.Status204NoContent, "The message is discarded.");
        return parked;
    }

    /// <summary>Applies an action to the first kind that has the entry.</summary>
    private static async Task<Results<T, ProblemHttpResult>> First<T>(
        IServiceProvider services, string module, Func<IParked, Task<bool>> act, T done)
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
