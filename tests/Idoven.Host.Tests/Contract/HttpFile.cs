using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Contract;

/// <summary>Represents a request of a <c>.http</c> file whose variables are not replaced yet.</summary>
/// <param name="Until">A member of the response that is set later: the request is repeated until it is not null.</param>
internal sealed record HttpStep(
    string? Name, int Expect, string? Until, string Method, string Address, IReadOnlyList<(string Name, string Value)> Headers,
    string? Body);

/// <summary>
/// Reads and runs a <c>.http</c> file in the subset that editors have in common: <c>###</c>, <c>@name = value</c>, <c>#
/// @name</c>, and <c>{{name.response.body.$.path}}</c>.
/// </summary>
internal sealed partial class HttpFile
{
    private readonly Dictionary<string, string> variables = [];
    private readonly Dictionary<string, (JsonElement Body, Func<string, string> Header)> responses = [];

    public HttpFile(string text)
    {
        foreach (var block in Separator().Split(text))
        {
            Read([.. block.Split('\n').Select(line => line.TrimEnd('\r'))]);
        }
    }

    public List<HttpStep> Steps { get; } = [];

    /// <summary>Sends every request in turn.</summary>
    /// <returns>The steps whose status was not the expected one.</returns>
    public async Task<IReadOnlyList<string>> Run(HttpClient client, string host)
    {
        variables["host"] = host;
        var wrong = new List<string>();
        foreach (var step in Steps)
        {
            var (status, body) = await Send(client, step);
            await Eventually.Holds(async () =>
            {
                if (step.Until is not { } member || JsonElement.Parse(body).GetProperty(member).ValueKind != JsonValueKind.Null)
                {
                    return true;
                }

                (status, body) = await Send(client, step);
                return false;
            });
            if (status != step.Expect)
            {
                wrong.Add($"{step.Method} {Fill(step.Address)}: {status} instead of {step.Expect}: {body}");
            }
        }

        return wrong;
    }

    private async Task<(int Status, string Body)> Send(HttpClient client, HttpStep step)
    {
        using var request = new HttpRequestMessage(new HttpMethod(step.Method), Fill(step.Address));
        request.Content = step.Body is null
            ? null
            : new StringContent(Fill(step.Body), Encoding.UTF8, step.Headers.Single(header => header.Name == "Content-Type").Value);
        foreach (var (name, value) in step.Headers.Where(header => header.Name != "Content-Type"))
        {
            request.Headers.TryAddWithoutValidation(name, Fill(value));
        }

        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        if (step.Name is not null)
        {
            responses[step.Name] = (
                JsonElement.Parse(body),
                response.Headers.ToDictionary(
                    header => header.Key, header => header.Value.First(), StringComparer.OrdinalIgnoreCase).GetValueOrDefault!);
        }

        return ((int)response.StatusCode, body);
    }

    private void Read(string[] lines)
    {
        string? name = null, expect = null, until = null;
        var at = 0;
        for (; at < lines.Length && (lines[at].Length == 0 || lines[at][0] is '#' or '@'); at++)
        {
            if (Variable().Match(lines[at]) is { Success: true } variable)
            {
                variables[variable.Groups[1].Value] = variable.Groups[2].Value;
            }

            name = lines[at].StartsWith("# @name ", StringComparison.Ordinal) ? lines[at][8..] : name;
            expect = lines[at].StartsWith("# expect ", StringComparison.Ordinal) ? lines[at][9..] : expect;
            until = lines[at].StartsWith("# until ", StringComparison.Ordinal) ? lines[at][8..] : until;
        }

        if (at == lines.Length)
        {
            return;
        }

        var first = lines[at].Split(' ', 2);
        var head = lines[(at + 1)..].TakeWhile(line => line.Length > 0).ToList();
        var body = string.Join('\n', lines[(at + 1 + head.Count)..]).Trim();
        Steps.Add(new HttpStep(
            name,
            int.Parse(expect ?? throw new FormatException($"{lines[at]}: the expected status is missing."), CultureInfo.InvariantCulture),
            until, first[0], first[1],
            [.. head.Select(line => line.Split(": ", 2)).Select(header => (header[0], header[1]))], body.Length == 0 ? null : body));
    }

    private string Fill(string text) => Placeholder().Replace(text, match => match.Groups[1].Value switch
    {
        "$guid" => $"{Guid.NewGuid()}",
        var path when path.Split(".response.") is [var name, var rest] => ResponseValue(name, rest),
        var name => Fill(variables[name]),
    });

    private string ResponseValue(string name, string path)
    {
        var (body, header) = responses[name];
        if (path.StartsWith("headers.", StringComparison.Ordinal))
        {
            return header(path["headers.".Length..]);
        }

        foreach (var step in path["body.$.".Length..]
            .Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.'))
        {
            body = int.TryParse(step, CultureInfo.InvariantCulture, out var index) ? body[index] : body.GetProperty(step);
        }

        return body.GetString()!;
    }

    [GeneratedRegex("^(?=###)", RegexOptions.Multiline)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^@(\w+) = (.*)$")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{([^}]+)\}\}")]
    private static partial Regex Placeholder();
}
