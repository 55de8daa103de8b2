using System.Text;
using System.Text.Json;
using Idoven.Cli.Errors;

namespace Idoven.Cli;

/// <summary>Describes an error response in one message.</summary>
internal static class Problem
{
    /// <summary>Returns an exception with method, path, status and the members of the problem document, if there is one.</summary>
    public static async Task<CliException> ToException(HttpResponseMessage response, CancellationToken ct)
    {
        var request = response.RequestMessage;
        var text = new StringBuilder($"{request?.Method} {request?.RequestUri?.AbsolutePath}: {(int)response.StatusCode} ");
        var problem = Read(await response.Content.ReadAsByteArrayAsync(ct));
        text.Append(problem?.Title ?? response.ReasonPhrase);
        if (problem?.Detail is { } detail)
        {
            text.Append(": ").Append(detail);
        }

        foreach (var error in problem?.Errors ?? [])
        {
            text.Append("\n  ").Append(error.Pointer).Append(": ").Append(error.Detail);
        }

        if (problem?.TraceId is { } trace)
        {
            text.Append("\n  traceId ").Append(trace);
        }

        return new CliException(text.ToString());
    }

    private static ProblemResponse? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ResponsesJson.Default.ProblemResponse);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
