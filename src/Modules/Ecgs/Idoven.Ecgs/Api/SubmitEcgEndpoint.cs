using System.Globalization;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Upload;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
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

namespace Idoven.Ecgs.Api;

internal static class SubmitEcgEndpoint
{
    private const string Supported =
        "Uploads are application/json; charset=utf-8, plain or with Content-Encoding gzip (or x-gzip), br or zstd.";

    public static void MapSubmitEcg(this IEndpointRouteBuilder ecgs) => ecgs.MapPost("", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsWrite)
        .LogsAccess(AccessActions.Upload)
        .WithName("SubmitEcg")
        .WithSummary("Upload an ECG")
        .WithDescription(
            "The body is read as a stream and stored whole or not at all. 202 means: committed; its insights follow. "
            + "With Prefer: wait=N the answer is 201 with the insights where they are ready in time. "
            + "Content-Encoding may be gzip (or x-gzip), br or zstd; a byte order mark is skipped. "
            + "At most 100 million samples and 1 GiB where the installation says nothing else.")
        .Reads<SubmitEcgRequest>(SubmitEcgRequest.Example)
        .Idempotent()
        .TakesHeader("Prefer", "wait=N: rather wait up to N seconds (at most 30) for the insights than come back.", "\"wait=10\"")
        .TakesHeader("Content-Encoding", "gzip (or x-gzip), br or zstd, where the body is packed.", "\"gzip\"")
        .Returns<SubmittedEcgResponse>(
            StatusCodes.Status202Accepted, "Stored; the insights follow.", EcgResponse.Example, "Location", "Preference-Applied")
        .Returns<SubmittedEcgResponse>(
            StatusCodes.Status201Created, "Stored, and analysed while you waited: the ECG with its insights.", SubmittedEcgResponse.Example,
            "Location", "Preference-Applied")
        .Rejects(StatusCodes.Status403Forbidden, "The owner's ECGs have as many samples as one owner may store.", EcgsProblems.QuotaExceeded)
        .Rejects(StatusCodes.Status408RequestTimeout, "The body arrives at less than 10 kB per second, over 30 seconds.")
        .Rejects(
            StatusCodes.Status429TooManyRequests,
            "The caller has too many uploads in progress while others upload, or they are too large.", Problems.TooManyInProgress)
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many uploads are in progress, or too many ECGs wait for the analysis.");

    private static async Task<IResult> Handle(
        HttpContext context, CurrentCaller caller, UploadIntake intake, UploadLimits limits, IEcgs ecgs, IInsightWaiters waiters,
        TimeProvider clock, CancellationToken ct)
    {
        // A bad key is told before a long body.
        _ = IdempotencyHeader.Read(context.Request);
        var paced = new PacedBody(context.Request.BodyReader, clock);
        if (!IsJson(context.Request) || ContentCoding.Unpack(context.Request.Headers.ContentEncoding.ToString(), paced) is not { } body)
        {
            return Problems.UnsupportedMediaType(Supported);
        }

        // The reader has the limit of what a body unpacks to. A packed body could be endless without unpacking to anything.
        var isPacked = body != paced;
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize =
            isPacked ? limits.MaxBodyBytes : null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            // PacedBody has its own, and an answer that says so.
            rate.MinDataRate = null;
        }

        try
        {
            if (context.Request.ContentLength > limits.MaxBodyBytes)
            {
                return Problems.TooLarge($"The body is over {limits.MaxBodyBytes} bytes.");
            }

            var (ecg, rejection) = await intake.Store(context, caller, body, ct);
            return rejection
                ?? (ecg is null ? Problems.NotFound() : await Answer(context, ecg, ecgs, waiters, ct));
        }
        catch (UploadException e) when (e.Refusal == UploadRejection.TooLarge)
        {
            return Problems.TooLarge(e.Message);
        }
        catch (UploadException e)
        {
            return e.Pointer is null ? Problems.BadRequest(e.Message) : Problems.BadRequest("The body is not valid.", new ProblemError(e.Pointer, e.Message));
        }
        catch (BodyTooSlowException)
        {
            return Problems.RequestTimeout(
                context,
                $"In {PacedBody.Window.TotalSeconds:0} seconds less than {PacedBody.MinBytesPerSecond} bytes per second arrived; nothing was stored.");
        }
        catch (SignalBudgetException e) when (e.IsOfCaller)
        {
            const string detail = "This caller's uploads in progress are too large while others need the rest; nothing of this one was stored.";
            return Problems.TooManyAtOnce(context, detail, UploadIntake.RetryAfterSeconds);
        }
        catch (Exception e) when (e is SignalBudgetException or UploadsBusyException)
        {
            const string detail = "Too many uploads are in progress; nothing of this one was stored.";
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
            if (isPacked)
            {
                // The request's own reader stays open: what a rejected body has left is discarded.
                await body.CompleteAsync();
            }
        }
    }

    /// <summary>202, or 201 with the insights where the client waits for them and they come in time.</summary>
    private static async Task<IResult> Answer(HttpContext context, Ecg ecg, IEcgs ecgs, IInsightWaiters waiters, CancellationToken ct)
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
