using Idoven.Shared.Audit;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Web.Operations;

/// <summary>An act on record.</summary>
/// <param name="Id">Of the entry.</param>
/// <param name="At">When.</param>
/// <param name="Action">What was done or tried.</param>
/// <param name="Outcome"><c>success</c> or <c>refused</c>.</param>
/// <param name="Reason">A code: why it was refused, or what more there is to say; null where there is nothing.</param>
/// <param name="Subject">
/// Who acted: a user's id, <c>client:</c> and a machine client's id, <c>queue:</c> and the queue of the message that was followed, or <c>host</c>: its operator;
/// null where nobody knows.
/// </param>
/// <param name="ClientId">The client acted through.</param>
/// <param name="Target">The id of what it was done to.</param>
/// <param name="SessionId">The session acted in.</param>
/// <param name="Address">The IP address that the host saw.</param>
/// <param name="TraceId">The trace of the request.</param>
/// <param name="Count">
/// How many requests the entry stands for: refused ones without a token, alike in all but the time, within one minute. Else 1.
/// </param>
internal sealed record AuditEntryResponse(
    Guid Id, DateTimeOffset At, string Action, string Outcome, string? Reason, string? Subject, string? ClientId, string? Target, Guid? SessionId,
    string? Address, string? TraceId, int Count)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","at":"2026-11-23T09:15:00+00:00","action":"session.end","outcome":"success","reason":null,
        "subject":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0e","clientId":"idoven-cli","target":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0d",
        "sessionId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0c","address":"192.0.2.7","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","count":1}
        """;

    public static AuditEntryResponse FromRow(AuditRow row) => new(
        row.Id, row.At, row.Action, row.Outcome, row.Reason, row.Subject, row.ClientId, row.Target, row.SessionId, row.Address?.ToString(), row.TraceId,
        row.Count);

    /// <summary>As somebody reads it who is not the only one in it: from where another acted, and in which session, is theirs.</summary>
    public static AuditEntryResponse FromRow(AuditRow row, string reader) =>
        row.Subject is null || row.Subject == reader ? FromRow(row) : FromRow(row) with { SessionId = null, Address = null };
}

public static class AuditEndpoints
{
    /// <summary>What reading the trail of others is called on record.</summary>
    public const string Read = "audit.read";

    private const int MaxFilterLength = 200;

    /// <summary><c>audit</c> under the group: the module's whole trail, of which each reading is a part.</summary>
    public static void MapAudit(this IEndpointRouteBuilder group, string module, string policy, string name) => group.MapGet("audit", async (
            HttpContext context, IServiceProvider services, DateTimeOffset? from, DateTimeOffset? to, string? action, string? outcome, string? subject,
            string? client, string? target, string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default) =>
        {
            var filter = new AuditFilter(from?.ToUniversalTime(), to?.ToUniversalTime(), action, outcome, subject, client, target, Before: null, limit);
            var rows = services.GetRequiredKeyedService<IAuditRows>(module);
            var answer = await Answer(context, filter, cursor, owner: "", AuditEntryResponse.FromRow, wanted => rows.List(wanted, ct));
            if (answer.Result is Ok<Page<AuditEntryResponse>>)
            {
                await services.GetRequiredKeyedService<IAuditLog>(module).Record(new AuditEntry(Read));
            }

            return answer;
        })
        .RequireAuthorization(policy)
        .Audits(module, Read)
        .WithName(name)
        .WithSummary("Read what is on record, the newest first")
        .WithDescription("A list by cursor: take next of a page as cursor of the following one, until it is null. Each reading is on record itself.")
        .Filtered()
        .Takes("subject", "Only what this one did.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0e\"")
        .Takes("client", "Only what was done through the client of this id.", "\"idoven-cli\"")
        .Takes("target", "Only what was done to what has this id.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0d\"");

    /// <summary>What the caller did, and what was done to them.</summary>
    public static void MapOwnAudit(this IEndpointRouteBuilder group, string pattern, string module, string policy, string name) => group.MapGet(pattern, async (
            HttpContext context, CurrentCaller caller, IServiceProvider services, DateTimeOffset? from, DateTimeOffset? to, string? action, string? outcome,
            string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default) =>
        {
            var filter = new AuditFilter(from?.ToUniversalTime(), to?.ToUniversalTime(), action, outcome, Subject: null, Client: null, Target: null, Before: null, limit);
            var rows = services.GetRequiredKeyedService<IAuditRows>(module);
            return await Answer(
                context, filter, cursor, caller.Subject, row => AuditEntryResponse.FromRow(row, caller.Subject),
                wanted => rows.ListOf(caller.Subject, caller.Id, wanted, ct));
        })
        .RequireAuthorization(policy)
        .WithName(name)
        .WithSummary("Read what one did and what was done to one, the newest first")
        .WithDescription("A list by cursor: take next of a page as cursor of the following one, until it is null. From where others acted is not told.")
        .Filtered();

    private static RouteHandlerBuilder Filtered(this RouteHandlerBuilder route) => route
        .Paged()
        .Takes("from", "Only what was done at this time or later; ISO 8601 with offset.", "\"2026-11-01T00:00:00Z\"")
        .Takes("to", "Only what was done before this time; ISO 8601 with offset.", "\"2026-12-01T00:00:00Z\"")
        .Takes("action", "Only this action.", "\"session.end\"")
        .Takes("outcome", "Only what ended so.", "\"refused\"", values: [AuditRow.Success, AuditRow.Refused])
        .Returns<Page<AuditEntryResponse>>(StatusCodes.Status200OK, "A page of what is on record.", DescribeExtensions.PageOf(AuditEntryResponse.Example), "Link");

    private static async Task<Results<Ok<Page<AuditEntryResponse>>, ProblemHttpResult>> Answer(
        HttpContext context, AuditFilter filter, string? cursor, string owner, Func<AuditRow, AuditEntryResponse> render,
        Func<AuditFilter, Task<IReadOnlyList<AuditRow>>> read)
    {
        if (filter.Outcome is not (null or AuditRow.Success or AuditRow.Refused))
        {
            return Problems.BadRequest($"outcome is {AuditRow.Success} or {AuditRow.Refused}.");
        }

        string?[] texts = [filter.Action, filter.Subject, filter.Client, filter.Target];
        if (texts.Any(text => text is not null && (text.Length > MaxFilterLength || text.Any(c => c is <= ' ' or > '~'))))
        {
            return Problems.BadRequest($"action, subject, client and target are up to {MaxFilterLength} visible ASCII characters.");
        }

        var list = $"audit\n{owner}\n{filter.From:O}\n{filter.To:O}\n{filter.Outcome}\n{string.Join('\n', texts)}";
        if (Paging.Read(filter.Limit, cursor, list, out var before) is { } problem)
        {
            return problem;
        }

        return TypedResults.Ok(Paging.ToPage(context, await read(filter with { Before = before }), filter.Limit, list, row => row.Id, render));
    }
}
