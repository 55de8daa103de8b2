using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Http;

/// <summary>
/// The 403 of a policy. It names the scope that the token lacks (RFC 6750, section 3.1), also if the token has no scope of the module and
/// therefore not its audience: the client asks for the scope instead of renewing the same token again and again.
/// </summary>
internal static class InsufficientScope
{
    public static Task Answer(HttpContext context)
    {
        var policy = context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy;
        var access = context.RequestServices.GetRequiredService<AccessRules>();
        if (policy is null || access.FindMissingScope(policy, new CurrentCaller(context.User)) is not { } scope)
        {
            return Problems.Forbidden("The role of the token's holder does not give this right.").ExecuteAsync(context);
        }

        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"";
        return Problems.Forbidden($"The token lacks the scope {scope}.").ExecuteAsync(context);
    }
}
