using System.Globalization;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;

namespace Idoven.Ecgs.Api.Upload;

internal static class SubmitEcgEndpoint
{
    private const string Supported =
        "An upload must be application/json; charset=utf-8, without Content-Encoding or with gzip (or x-gzip), br or zstd.";

    public static void MapSubmitEcg(this IEndpointRouteBuilder ecgs) => ecgs.MapPost("", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsWrite)
        .LogsAccess(AccessActions.Upload)
        .WithName("SubmitEcg")
        .WithSummary("Upload an ECG")
        .WithDescription(
            "The body is read as a stream, and stored completely or not at all. 202 means that the ECG is committed to the database; its "
            + "insights follow. With Prefer: wait=N the response is 201 with the insights if they are ready in time. Content-Encoding may "
            + "be gzip (or x-gzip), br or zstd; a byte order mark is skipped. The limits are 100 million samples and 1 GiB, unless the "
            + "installation has other settings.")
        .Reads<SubmitEcgRequest>(SubmitEcgRequest.Example)
        .Idempotent()
        .TakesHeader("Prefer", "wait=N: wait up to N seconds (at most 30) for the insights.", "\"wait=10\"")
        .TakesHeader("Content-Encoding", "gzip (or x-gzip), br or zstd, if the body is compressed.", "\"gzip\"")
        .Returns<SubmittedEcgResponse>(
            StatusCodes.Status202Accepted, "The ECG is stored; the insights follow.", EcgResponse.Example, "Location", "Preference-Applied")
        .Returns<SubmittedEcgResponse>(
            StatusCodes.Status201Created, "The ECG is stored and was analysed within the time of Prefer: the ECG with its insights.",
                SubmittedEcgResponse.Example,
            "Location", "Preference-Applied")
        .Rejects(
            StatusCodes.Status403Forbidden,
            "The owner's ECGs have the maximum number of samples of one owner.", EcgsProblems.QuotaExceeded)
        .Rejects(StatusCodes.Status408RequestTimeout, "The body arrived at less than 10 kB per second over 30 seconds.")
        .Rejects(
            StatusCodes.Status429TooManyRequests,
            "The caller has too many uploads in progress while others upload, or they are too large.", Problems.TooManyInProgress)
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many uploads are in progress, or too many ECGs wait for the analysis.");

    private static async Task<IResult> Handle(
        HttpContext context, CurrentCaller caller, UploadIntake intake, UploadLimits limits, IEcgs ecgs, IInsightWaiters waiters,
        TimeProvider clock, CancellationToken ct)
    {
        // An invalid key is rejected before the body is read, which may be long.
        _ = IdempotencyHeader.Read(context.Request);
        var paced = new PacedBody(context.Request.BodyReader, clock);
        if (!IsJson(context.Request) || ContentCoding.Decompress(context.Request.Headers.ContentEncoding.ToString(), paced) is not { } body)
        {
            return Problems.UnsupportedMediaType(Supported);
        }

        // The reader limits the decompressed size. A compressed body could be endless without any output.
        var isCompressed = body != paced;
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize =
            isCompressed ? limits.MaxBodyBytes : null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            // PacedBody has its own minimum rate, with an error response.
            rate.MinDataRate = null;
        }

        try
        {
            if (context.Request.ContentLength > limits.MaxBodyBytes)
            {
                return Problems.TooLarge($"The body is longer than {limits.MaxBodyBytes} bytes.");
            }

            var (ecg, rejection) = await intake.Store(context, caller, body, ct);
            return rejection
                ?? (ecg is null ? Problems.NotFound() : await Respond(context, ecg, ecgs, waiters, ct));
        }
        catch (UploadException e) when (e.Rejection == UploadRejection.TooLarge)
        {
            return Problems.TooLarge(e.Message);
        }
        catch (UploadException e)
        {
            return e.Pointer is null
                ? Problems.BadRequest(e.Message)
                : Problems.BadRequest("A value in the body is not valid.", new ProblemError(e.Pointer, e.Message));
        }
        catch (BodyTooSlowException)
        {
            return Problems.RequestTimeout(
                context,
                $"Less than {PacedBody.MinBytesPerSecond} bytes per second arrived over {PacedBody.Window.TotalSeconds:0} seconds; "
                + "nothing was stored.");
        }
        catch (SignalBudgetException e) when (e.IsOfCaller)
        {
            const string detail =
                "The uploads of this caller in progress are too large while other callers need memory; nothing was stored.";
            return Problems.TooManyAtOnce(context, detail, UploadIntake.RetryAfterSeconds);
        }
        catch (Exception e) when (e is SignalBudgetException or UploadsBusyException)
        {
            const string detail = "Too many uploads are in progress; nothing was stored.";
            return Problems.Unavailable(context, detail, UploadIntake.RetryAfterSeconds);
        }
        catch (QuotaExceededException e)
        {
            return UploadIntake.QuotaExceeded(e.Stored, e.Quota);
        }
        catch (OwnerErasedException)
        {
            return Problems.Unauthorized("The owner of this token was erased.");
        }
        finally
        {
            if (isCompressed)
            {
                // The reader of the request stays open, so that the server can discard the rest of a rejected body.
                await body.CompleteAsync();
            }
        }
    }

    /// <summary>Creates the response 202, or 201 with the insights if the client waits for them and they are ready in time.</summary>
    private static async Task<IResult> Respond(HttpContext context, Ecg ecg, IEcgs ecgs, IInsightWaiters waiters, CancellationToken ct)
    {
        var location = $"/api/v1/ecgs/{ecg.Id}";
        if (PreferHeader.Wait(context.Request) is not { } wait)
        {
            return TypedResults.Accepted(location, EcgResponse.FromEcg(ecg));
        }

        context.Response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={wait.TotalSeconds:0}");
        if (ecg.Status == EcgStatus.Queued)
        {
            await waiters.Wait(ecg.Id, ecg.OwnerId, wait, ct);
        }

        if (await ecgs.FindInsights(ecg.Id, ecg.OwnerId, engineVersion: null, ct) is not { Document: { } document }
            || await ecgs.Find(ecg.Id, ecg.OwnerId, ct) is not { } analysed)
        {
            return TypedResults.Accepted(location, EcgResponse.FromEcg(ecg));
        }

        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = location;
        return StreamedResponse.Bytes(SubmittedEcgResponse.Render(analysed, document), "application/json");
    }

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}
