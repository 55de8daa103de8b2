using Idoven.Ecgs.Api.Upload;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Signals;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Idoven.Ecgs.Api;

internal static class SubmitEcgEndpoint
{
    private const int RetryAfterSeconds = 5;
    private const string Supported = "Uploads are application/json; charset=utf-8, plain or with Content-Encoding gzip, br or zstd.";

    public static void MapSubmitEcg(this IEndpointRouteBuilder ecgs) => ecgs.MapPost("", Handle)
        .RequireAuthorization(Policies.EcgsWrite)
        .WithName("SubmitEcg")
        .WithSummary("Upload an ECG")
        .WithDescription("The body is read as a stream and stored whole or not at all. 202 means: committed; its insights follow.")
        .Produces<EcgResponse>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<Accepted<EcgResponse>, ProblemHttpResult>> Handle(
        HttpContext context, CurrentCaller caller, SubmitEcgHandler handler, UploadLimits limits, SignalBudget budget, CancellationToken ct)
    {
        if (!IsJson(context.Request) || ContentCoding.Unpack(context.Request.Headers.ContentEncoding.ToString(), context.Request.BodyReader) is not { } body)
        {
            return Problems.UnsupportedMediaType(Supported);
        }

        // The reader holds the limit and answers 413; the server's own limit would cut the connection before the answer is read.
        // It stays for packed bodies alone, which could go on for ever without unpacking to anything.
        var isPacked = body != context.Request.BodyReader;
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize =
            isPacked && context.Request.ContentLength is null ? limits.MaxBodyBytes : null;
        using var encoder = new SignalEncoder(budget);
        try
        {
            if (context.Request.ContentLength > limits.MaxBodyBytes)
            {
                return Problems.TooLarge($"The body is over {limits.MaxBodyBytes} bytes.");
            }

            // Nothing of the database is held while the body arrives.
            var recording = await new UploadReader(encoder, limits).Read(body, ct);
            var ecg = await handler.Handle(new SubmitEcg(caller.Subject, recording, encoder.Blocks), ct);
            return TypedResults.Accepted($"/api/v1/ecgs/{ecg.Id}", EcgResponse.Of(ecg));
        }
        catch (UploadException e) when (e.Refusal == UploadRefusal.TooLarge)
        {
            return Problems.TooLarge(e.Message);
        }
        catch (UploadException e)
        {
            return e.Pointer is null ? Problems.BadRequest(e.Message) : Problems.BadRequest("The body breaks a rule.", new ProblemError(e.Pointer, e.Message));
        }
        catch (SignalBudgetException)
        {
            return Problems.Unavailable(context, "Too many uploads are in flight; nothing of this one was stored.", RetryAfterSeconds);
        }
        catch (OwnerErasedException)
        {
            return Problems.Unauthorized("The owner of this token was erased.");
        }
        finally
        {
            if (isPacked)
            {
                // The request's own reader stays open: the server drains what a refused body has left.
                await body.CompleteAsync();
            }
        }
    }

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}
