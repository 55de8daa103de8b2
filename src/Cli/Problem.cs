using System.Text;
using System.Text.Json;

namespace Idoven.Cli;

/// <summary>A refusal in words.</summary>
internal static class Problem
{
    public static async Task<CliException> Of(HttpResponseMessage response, CancellationToken ct)
    {
        var text = new StringBuilder($"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}: {(int)response.StatusCode} ");
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

    private static ProblemAnswer? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, AnswersJson.Default.ProblemAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
