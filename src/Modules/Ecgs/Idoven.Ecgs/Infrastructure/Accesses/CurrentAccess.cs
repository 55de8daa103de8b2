using System.Diagnostics;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Infrastructure.Accesses;

internal sealed class CurrentAccess(IHttpContextAccessor http, AccessLog log, TimeProvider clock) : ICurrentAccess
{
    /// <summary>The subject of the actions of an operator on the host.</summary>
    private const string Operator = "host";

    public void SetEcg(Guid ecgId, string ownerId)
    {
        if (http.HttpContext is { } context)
        {
            GetState(context).Ecg = (ecgId, ownerId);
        }
    }

    public EcgAccess CreateRow(string action, Guid ecgId, string ownerId) => CreateRow(action, (Guid?)ecgId, ownerId);

    /// <summary>Creates the row for an action, with an ECG or without one, that stores it in its own transaction.</summary>
    public EcgAccess CreateRow(string action, Guid? ecgId, string? ownerId)
    {
        if (http.HttpContext is not { } context)
        {
            return Row(action, AccessOutcomes.Allowed, Operator, null, null, ecgId, ownerId, context: null);
        }

        GetState(context).IsStored = true;
        return Row(context, action, AccessOutcomes.Allowed, ecgId, ownerId)!;
    }

    public void Log(string action, string outcome)
    {
        if (http.HttpContext is not { } context || GetState(context) is not { IsLogged: false } state)
        {
            return;
        }

        state.IsLogged = true;
        var isStored = state.IsStored && outcome == AccessOutcomes.Allowed;
        if (!isStored && Row(context, action, outcome, state.Ecg?.Id, state.Ecg?.OwnerId) is { } row)
        {
            log.Add(row, state.Ecg is null ? Probed(context, outcome) : null);
        }
    }

    /// <summary>Returns the id that the caller requested without an accessible ECG.</summary>
    private static Guid? Probed(HttpContext context, string outcome) =>
        outcome is AccessOutcomes.NotFound or AccessOutcomes.Forbidden
        && Guid.TryParseExact(context.GetRouteValue("id") as string, "D", out var id) ? id : null;

    private static AccessState GetState(HttpContext context)
    {
        if (context.Features.Get<AccessState>() is not { } state)
        {
            context.Features.Set(state = new AccessState());
        }

        return state;
    }

    private EcgAccess? Row(HttpContext context, string action, string outcome, Guid? ecgId, string? ownerId)
    {
        var caller = context.RequestServices.GetRequiredService<CurrentCaller>();
        Guid? session = Guid.TryParse(caller.SessionId, out var id) ? id : null;
        return caller.Subject.Length == 0 ? null : Row(action, outcome, caller.Subject, caller.ClientId, session, ecgId, ownerId, context);
    }

    private EcgAccess Row(
        string action, string outcome, string subject, string? clientId, Guid? sessionId, Guid? ecgId, string? ownerId,
        HttpContext? context)
    {
        var now = clock.GetUtcNow();
        return new EcgAccess
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            Action = action,
            Outcome = outcome,
            Subject = subject,
            ClientId = clientId,
            SessionId = sessionId,
            EcgId = ecgId,
            OwnerId = ownerId,
            Address = context?.CallerAddress(),
            TraceId = Activity.Current?.TraceId.ToHexString(),
        };
    }

    /// <summary>Represents the state of the access of a request.</summary>
    private sealed class AccessState
    {
        public (Guid Id, string OwnerId)? Ecg { get; set; }

        /// <summary>Gets or sets whether a transaction of the request stores its row.</summary>
        public bool IsStored { get; set; }

        public bool IsLogged { get; set; }
    }
}
