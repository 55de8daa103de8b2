using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web.Cors;

/// <summary>Decides which origins may call an address from their pages, if not every origin may.</summary>
public interface ICrossOriginRule
{
    /// <returns>The policy for this request; null if this rule adds no CORS headers.</returns>
    Task<CorsPolicy?> FindPolicy(HttpContext context);
}
