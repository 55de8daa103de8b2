using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Sessions;

/// <summary>Reads the origin from the current HTTP request.</summary>
internal sealed class HttpRequestOrigin(IHttpContextAccessor http, DeviceCookie devices) : IRequestOrigin
{
    public RequestOrigin Current => http.HttpContext is { } context
        ? new RequestOrigin(
            context.CallerAddress(), context.CallerNetwork(), AgentFamily.Parse(context.Request.Headers.UserAgent), devices.Read(context))
        : RequestOrigin.None;
}
