using System.Text.Json;
using Idoven.Ecgs.Api.Accesses;
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
            "Every event of idoven.events with a sequence above after, at most limit of them: what a subscriber missed. Kept for 30 days; "
            + "410 where events between are gone. Of an erased ECG only ecg.deleted.v1 is left, under each of its numbers.")
        .Takes("after", "The sequence you have read last; 0 from the beginning.", "1041", 0)
        .Takes("limit", "How many events a page has at most.", "100", 1, MaxLimit)
        .Returns<EventPage>(StatusCodes.Status200OK, "Events; an empty page where there is nothing new.", EventPage.Example)
        .Rejects(StatusCodes.Status400BadRequest, "after or limit cannot be read, or is out of bounds.")
        .Rejects(StatusCodes.Status410Gone, "Events between after and the next one are older than 30 days and gone.");

    private static async Task<IResult> Handle(
        [FromKeyedServices(ModuleName.Value)] IEventFeed feed, long after = 0, int limit = DefaultLimit, CancellationToken ct = default)
    {
        if (after < 0 || limit is < 1 or > MaxLimit)
        {
            return Problems.BadRequest($"after is a sequence or 0, limit lies between 1 and {MaxLimit}.");
        }

        var page = await feed.Read(after, limit, ct);
        return page.IsGone
            ? Problems.Gone($"Events after {after} are older than what is kept: read the state of what you hold anew, then go on from a newer sequence.")
            : TypedResults.Ok(new StoredEvents([.. page.Events.Select(body => JsonElement.Parse(body))], page.Last));
    }

    /// <summary>An <see cref="EventPage"/> whose events are sent as they were published.</summary>
    private sealed record StoredEvents(IReadOnlyList<JsonElement> Items, long Last);
}

/// <summary>Public events in the order of their sequence.</summary>
/// <param name="Items">CloudEvents 1.0 documents, as they were published.</param>
/// <param name="Last">What to ask after next.</param>
internal sealed record EventPage(IReadOnlyList<PublicEvent> Items, long Last)
{
    public const string Example =
        """
        {"items":[{"specversion":"1.0","id":"01932f5e-7b22-7d41-8f00-0c1d2e3f4a5b","source":"/idoven/ecgs","type":"idoven.ecg.deleted.v1",
        "subject":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","time":"2026-11-23T09:15:02+00:00","datacontenttype":"application/json","sequence":"1042",
        "data":{"ecgId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","ownerId":"client:gateway","deletedAt":"2026-11-23T09:15:02+00:00"}}],"last":1042}
        """;
}

/// <summary>A CloudEvents 1.0 document. The AsyncAPI document has the form of <c>data</c> for each <c>type</c>.</summary>
/// <param name="Specversion">Of CloudEvents.</param>
/// <param name="Id">This event's own id: a repetition has the same.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Type">What happened, and the version of the form of <c>data</c>.</param>
/// <param name="Subject">The ECG it happened to.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Datacontenttype">Of <c>data</c>.</param>
/// <param name="Sequence">Its number among all events, without a gap.</param>
/// <param name="Data">What happened, in detail.</param>
internal sealed record PublicEvent(
    string Specversion, Guid Id, string Source, string Type, Guid Subject, DateTimeOffset Time, string Datacontenttype, string Sequence,
    IReadOnlyDictionary<string, JsonElement> Data);
