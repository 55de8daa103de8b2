using System.Text.Json;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Messaging.Outbox;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Describe;
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
        .RequireAuthorization(EcgsPolicies.EventsRead)
        .LogsAccess(AccessActions.ReadEvents)
        .LogAccesses()
        .WithTags("Events")
        .WithName("ReadEvents")
        .WithSummary("Read the public events in order")
        .WithDescription(
            "Returns the events of idoven.events whose sequence is greater than after, so that a subscriber can read the events that it "
            + "missed. Events are kept for 30 days; if events after that sequence were deleted, the response is 410. All events of an "
            + "erased ECG are replaced by ecg.deleted.v1 with the same sequence.")
        .Takes("after", "The sequence of the last event that you have read; 0 to read from the beginning.", "1041", 0)
        .Takes("limit", "The maximum number of events in the response.", "100", 1, MaxLimit)
        .Returns<EventPage>(StatusCodes.Status200OK, "The events; an empty list if there are no newer ones.", EventPage.Example)
        .Rejects(StatusCodes.Status400BadRequest, "after or limit is not a number, or out of range.")
        .Rejects(StatusCodes.Status410Gone, "Events after the given sequence are older than 30 days and were deleted.");

    private static async Task<IResult> Handle(
        [FromKeyedServices(ModuleName.Value)] IEventFeed feed, long after = 0, int limit = DefaultLimit, CancellationToken ct = default)
    {
        if (after < 0 || limit is < 1 or > MaxLimit)
        {
            return Problems.BadRequest($"after must be a sequence or 0, and limit a number from 1 to {MaxLimit}.");
        }

        var page = await feed.Read(after, limit, ct);
        return page.IsGone
            ? Problems.Gone(
                $"Events after {after} were deleted because of their age. Read the current state of the ECGs again, then continue with a "
                + "newer sequence.")
            : TypedResults.Ok(new StoredEvents([.. page.Events.Select(body => JsonElement.Parse(body))], page.Last));
    }

    /// <summary>Represents an <see cref="EventPage"/> with the events as they were published.</summary>
    private sealed record StoredEvents(IReadOnlyList<JsonElement> Items, long Last);
}

/// <summary>Represents public events in the order of their sequence.</summary>
/// <param name="Items">The CloudEvents 1.0 documents, as they were published.</param>
/// <param name="Last">The sequence to use as after in the next request.</param>
internal sealed record EventPage(IReadOnlyList<PublicEvent> Items, long Last)
{
    public const string Example =
        """
        {"items":[{"specversion":"1.0","id":"01932f5e-7b22-7d41-8f00-0c1d2e3f4a5b","source":"/idoven/ecgs","type":"idoven.ecg.deleted.v1",
        "subject":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","time":"2026-11-23T09:15:02+00:00","datacontenttype":"application/json",
        "sequence":"1042","data":{"ecgId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","ownerId":"client:gateway",
        "deletedAt":"2026-11-23T09:15:02+00:00"}}],"last":1042}
        """;
}

/// <summary>Represents a CloudEvents 1.0 document. The AsyncAPI document has the schema of <c>data</c> for each <c>type</c>.</summary>
/// <param name="Specversion">The version of CloudEvents.</param>
/// <param name="Id">The id of the event; the same in every delivery of it.</param>
/// <param name="Source">The module that published it.</param>
/// <param name="Type">The type of the event with the version of the schema of <c>data</c>.</param>
/// <param name="Subject">The id of the ECG.</param>
/// <param name="Time">The time of the event, UTC.</param>
/// <param name="Datacontenttype">The media type of <c>data</c>.</param>
/// <param name="Sequence">The number of the event; consecutive over all events.</param>
/// <param name="Data">The details of the event.</param>
internal sealed record PublicEvent(
    string Specversion, Guid Id, string Source, string Type, Guid Subject, DateTimeOffset Time, string Datacontenttype, string Sequence,
    IReadOnlyDictionary<string, JsonElement> Data);
