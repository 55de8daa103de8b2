using Idoven.Shared.Web;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idoven.Ecgs.Api.Download;

internal static class DownloadSlots
{
    /// <summary>The key of the <see cref="CallerSlots"/> of downloads.</summary>
    public const string Key = "downloads";

    /// <summary>Describes the error responses to a download beyond the limit or the caller's share.</summary>
    public static RouteHandlerBuilder BoundsDownloads(this RouteHandlerBuilder route) => route
        .Rejects(
            StatusCodes.Status429TooManyRequests,
            "The caller has too many downloads of signals and beats in progress.", Problems.TooManyInProgress)
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many downloads of signals and beats are in progress.");
}
