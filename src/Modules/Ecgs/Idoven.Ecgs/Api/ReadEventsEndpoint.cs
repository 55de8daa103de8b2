using System.Text.Json;
using Idoven.Shared.Http;
using Idoven.Shared.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Api;

internal static class ReadEventsEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static void MapReadEvents(this IEndpointRouteBuilder app) => app.MapGet("/api/v1/events", Handle)
        .RequireAuthorization(Policies.EventsRead)
        .WithTags("Events")
        .WithName("ReadEvents")
        .WithSummary("Read the public events in order")
        .WithDescription(
            "Every event of idoven.events with a sequence above after, at most limit of them: what a subscriber missed. Kept for 30 days; "
            + "410 where events between are gone. Of an erased ECG only ecg.deleted.v1 is left, under each of its numbers.")
        .Produces<EventPage>()
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status410Gone);

    private static async Task<IResult> Handle(
        [FromKeyedServices(EcgsModule.Name)] IEventFeed feed, long after = 0, int limit = DefaultLimit, CancellationToken ct = default)
    {
        if (after < 0 || limit is < 1 or > MaxLimit)
        {
            return Problems.BadRequest($"after is a sequence or 0, limit lies between 1 and {MaxLimit}.");
        }

        var page = await feed.Read(after, limit, ct);
        return page.IsGone
            ? Problems.Gone($"Events after {after} are older than what is kept: read the state of what you hold anew, then go on from a newer sequence.")
            : TypedResults.Ok(new EventPage([.. page.Events.Select(body => JsonElement.Parse(body))], page.Last));
    }
}

/// <summary>Public events in the order of their sequence.</summary>
/// <param name="Items">CloudEvents 1.0 documents, as they were published.</param>
/// <param name="Last">What to ask after next.</param>
internal sealed record EventPage(IReadOnlyList<JsonElement> Items, long Last);
