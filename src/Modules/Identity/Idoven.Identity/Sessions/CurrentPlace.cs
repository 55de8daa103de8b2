using System.Net;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Sessions;

/// <summary>Where the request that is being answered comes from.</summary>
internal sealed class CurrentPlace(IHttpContextAccessor http)
{
    public IPAddress? Address => http.HttpContext?.CallerAddress();

    /// <summary>As <see cref="AgentFamily"/> says it.</summary>
    public string? Agent => AgentFamily.Parse(http.HttpContext?.Request.Headers.UserAgent);
}
