using Idoven.Shared.Audit;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Web.Operations;

/// <summary>An entry of the audit log.</summary>
/// <param name="Id">The id of the entry.</param>
/// <param name="At">The time of the action.</param>
/// <param name="Action">The action that was done or tried.</param>
/// <param name="Outcome"><c>success</c> or <c>refused</c>.</param>
/// <param name="Reason">A code: the reason of the rejection, or details of the action; null if there are none.</param>
/// <param name="Subject">
/// The actor: the id of a user, <c>client:</c> and the id of a machine client, <c>queue:</c> and the queue of the message that was
/// handled, or <c>host</c> for its operator; null if the actor is unknown.
/// </param>
/// <param name="ClientId">The client through which the actor acted.</param>
/// <param name="Target">The id of the object of the action.</param>
/// <param name="SessionId">The session in which the actor acted.</param>
/// <param name="Address">The IP address that the host saw.</param>
/// <param name="TraceId">The trace of the request.</param>
/// <param name="Count">
/// The number of requests that the entry represents: rejected requests without a token within one minute that differ only in the time are
/// one entry. Otherwise 1.
/// </param>
internal sealed record AuditEntryResponse(
    Guid Id, DateTimeOffset At, string Action, string Outcome, string? Reason, string? Subject, string? ClientId,
    string? Target, Guid? SessionId,
    string? Address, string? TraceId, int Count)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","at":"2026-11-23T09:15:00+00:00",
        "action":"session.end","outcome":"success","reason":null,
        "subject":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0e","clientId":"idoven-cli","target":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0d",
        "sessionId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0c","address":"192.0.2.7","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","count":1}
        """;

    public static AuditEntryResponse FromRow(AuditRow row) => new(
        row.Id, row.At, row.Action, row.Outcome, row.Reason, row.Subject, row.ClientId, row.Target, row.SessionId,
        row.Address?.ToString(), row.TraceId,
        row.Count);

    /// <summary>
    /// Creates the entry for one of several users that it names: the address and the session of another actor are left out.
    /// </summary>
    public static AuditEntryResponse FromRow(AuditRow row, string reader) =>
        row.Subject is null || row.Subject == reader ? FromRow(row) : FromRow(row) with { SessionId = null, Address = null };
}

public static class AuditEndpoints
{
    /// <summary>The audit action of a request that reads entries of other users.</summary>
    public const string Read = "audit.read";

    private const int MaxFilterLength = 200;

    /// <summary>
    /// Maps <c>audit</c> under the group: the whole audit log of the module. Each request is recorded in it.
    /// </summary>
    public static void MapAudit(this IEndpointRouteBuilder group, string module, string policy, string name) =>
        group.MapGet("audit", async (
            HttpContext context, IServiceProvider services, DateTimeOffset? from, DateTimeOffset? to, string? action, string? outcome,
            string? subject, string? client,
            string? target, string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default) =>
        {
            var filter = new AuditFilter(
                from?.ToUniversalTime(), to?.ToUniversalTime(), action, outcome, subject, client, target, Before: null, limit);
            var rows = services.GetRequiredKeyedService<IAuditRows>(module);
            var response = await Answer(context, filter, cursor, owner: "", AuditEntryResponse.FromRow, wanted => rows.List(wanted, ct));
            if (response.Result is Ok<Page<AuditEntryResponse>>)
            {
                await services.GetRequiredKeyedService<IAuditLog>(module).Record(new AuditEntry(Read));
            }

            return response;
        })
        .RequireAuthorization(policy)
        .Audits(module, Read)
        .WithName(name)
        .WithSummary("Read the audit log, the newest entries first")
        .WithDescription(
            "Use next of a page as cursor for the following page, until it is null. Each request is recorded in the audit log.")
        .Filtered()
        .Takes("subject", "Only actions of this actor.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0e\"")
        .Takes("client", "Only actions through the client with this id.", "\"idoven-cli\"")
        .Takes("target", "Only actions on the object with this id.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0d\"");

    /// <summary>Maps the entries whose actor or object is the caller.</summary>
    public static void MapOwnAudit(
        this IEndpointRouteBuilder group, string pattern, string module, string policy, string name) => group.MapGet(pattern, async (
            HttpContext context, CurrentCaller caller, IServiceProvider services, DateTimeOffset? from, DateTimeOffset? to, string? action,
            string? outcome, string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default) =>
        {
            var filter = new AuditFilter(
                from?.ToUniversalTime(), to?.ToUniversalTime(), action, outcome,
                Subject: null, Client: null, Target: null, Before: null, limit);
            var rows = services.GetRequiredKeyedService<IAuditRows>(module);
            return await Answer(
                context, filter, cursor, caller.Subject, row => AuditEntryResponse.FromRow(row, caller.Subject),
                wanted => rows.ListOf(caller.Subject, caller.Id, wanted, ct));
        })
        .RequireAuthorization(policy)
        .WithName(name)
        .WithSummary("Read the audit entries of the own user or client, the newest first")
        .WithDescription(
            "Use next of a page as cursor for the following page, until it is null. The addresses of other actors are left out.")
        .Filtered();

    private static RouteHandlerBuilder Filtered(this RouteHandlerBuilder route) => route
        .Paged()
        .Takes("from", "Only actions at this time or later; ISO 8601 with offset.", "\"2026-11-01T00:00:00Z\"")
        .Takes("to", "Only actions before this time; ISO 8601 with offset.", "\"2026-12-01T00:00:00Z\"")
        .Takes("action", "Only this action.", "\"session.end\"")
        .Takes("outcome", "Only actions with this outcome.", "\"refused\"", values: [AuditRow.Success, AuditRow.Refused])
        .Returns<Page<AuditEntryResponse>>(
            StatusCodes.Status200OK, "A page of audit entries.", DescribeExtensions.PageOf(AuditEntryResponse.Example), "Link");

    private static async Task<Results<Ok<Page<AuditEntryResponse>>, ProblemHttpResult>> Answer(
        HttpContext context, AuditFilter filter, string? cursor, string owner, Func<AuditRow, AuditEntryResponse> render,
        Func<AuditFilter, Task<IReadOnlyList<AuditRow>>> read)
    {
        if (filter.Outcome is not (null or AuditRow.Success or AuditRow.Refused))
        {
            return Problems.BadRequest($"outcome must be {AuditRow.Success} or {AuditRow.Refused}.");
        }

        string?[] texts = [filter.Action, filter.Subject, filter.Client, filter.Target];
        if (texts.Any(text => text is not null && (text.Length > MaxFilterLength || text.Any(c => c is <= ' ' or > '~'))))
        {
            return Problems.BadRequest($"action, subject, client and target must have at most {MaxFilterLength} visible ASCII characters.");
        }

        var list = $"audit\n{owner}\n{filter.From:O}\n{filter.To:O}\n{filter.Outcome}\n{string.Join('\n', texts)}";
        if (Paging.Read(filter.Limit, cursor, list, out var before) is { } problem)
        {
            return problem;
        }

        return TypedResults.Ok(
            Paging.ToPage(context, await read(filter with { Before = before }), filter.Limit, list, row => row.Id, render));
    }
}
