using Idoven.Shared.Web;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idoven.Ecgs.Api;

internal static class DownloadRejections
{
    /// <summary>Describes the responses to a download beyond the most at a time.</summary>
    public static RouteHandlerBuilder BoundsDownloads(this RouteHandlerBuilder route) => route
        .Rejects(StatusCodes.Status429TooManyRequests, "The caller has too many downloads of signals and beats in progress.", Problems.TooManyInProgress)
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many downloads of signals and beats are in progress.");
}
