using Idoven.Shared.Audit;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web.Authorization;

/// <summary>Reads the caller of the current request from its access token and its connection.</summary>
public sealed class RequestActors(IHttpContextAccessor http) : ICurrentActor
{
    /// <inheritdoc/>
    public RequestActor? Current
    {
        get
        {
            if (http.HttpContext is not { } request)
            {
                return null;
            }

            var caller = new CurrentCaller(request.User);
            Guid? session = Guid.TryParse(caller.SessionId, out var id) ? id : null;
            return new RequestActor(caller.Subject.Length == 0 ? null : caller.Subject, caller.ClientId, session, request.CallerAddress());
        }
    }
}
