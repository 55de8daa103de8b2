using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Idoven.Ecgs.Application.Accesses;

namespace Idoven.Ecgs.Api.Accesses;

/// <summary>Exports the access log for an operator, for example to find out which ECGs were read with a stolen token.</summary>
internal sealed class AccessesVerb(IAccesses accesses)
{
    private const string Usage = """
        accesses [ecg=ID] [owner=SUBJECT] [subject=SUBJECT] [client=ID] [session=ID] [from=TIME] [to=TIME] [format=csv|json]

        Prints rows of the access log, the oldest first. TIME is ISO 8601 with an offset; "to" is exclusive.
        json prints one object per line.
        """;

    private const string CsvHeader = "id,at,action,outcome,count,subject,clientId,sessionId,ecgId,ownerId,address,traceId";

    /// <summary>The number of characters that are written at once, because the console flushes each time.</summary>
    private const int ChunkLength = 32 * 1024;

    // As in sysexits.h.
    private const int UsageExitCode = 64;

    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The exit code.</returns>
    public async Task<int> Run(string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        if (Read(words, out var format) is not { } filter)
        {
            await errors.WriteLineAsync(Usage);
            return UsageExitCode;
        }

        var chunk = new StringBuilder(format == "csv" ? $"{CsvHeader}\n" : "");
        await foreach (var row in accesses.Export(filter, ct))
        {
            chunk.Append(format == "csv" ? ToCsv(row) : ToJson(row)).Append('\n');
            if (chunk.Length >= ChunkLength)
            {
                await output.WriteAsync(chunk, ct);
                chunk.Clear();
            }
        }

        await output.WriteAsync(chunk, ct);
        await output.FlushAsync(ct);
        return 0;
    }

    /// <summary>Parses the arguments.</summary>
    /// <returns>The filter; null if an argument is not valid.</returns>
    internal static AccessFilter? Read(string[] words, out string format)
    {
        var (filter, isRead, names) = (new AccessFilter(), true, new HashSet<string>());
        format = "csv";
        foreach (var word in words)
        {
            var (name, value) = word.Split('=', 2) is [var before, { Length: > 0 } after] ? (before, after) : ("", "");
            isRead &= names.Add(name);
            switch (name)
            {
                case "ecg" when Guid.TryParseExact(value, "D", out var ecg):
                    filter = filter with { EcgId = ecg };
                    break;
                case "session" when Guid.TryParseExact(value, "D", out var session):
                    filter = filter with { SessionId = session };
                    break;
                case "owner":
                    filter = filter with { OwnerId = value };
                    break;
                case "subject":
                    filter = filter with { Subject = value };
                    break;
                case "client":
                    filter = filter with { ClientId = value };
                    break;
                case "from" when TryTime(value, out var from):
                    filter = filter with { From = from };
                    break;
                case "to" when TryTime(value, out var to):
                    filter = filter with { To = to };
                    break;
                case "format" when value is "csv" or "json":
                    format = value;
                    break;
                default:
                    isRead = false;
                    break;
            }
        }

        return isRead ? filter : null;
    }

    /// <summary>Parses a time with an offset. Without an offset it would depend on the time zone of the host.</summary>
    private static bool TryTime(string text, out DateTimeOffset time)
    {
        string[] forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];
        var isRead = DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)
            && (text[^1] == 'Z' || text[^6] is '+' or '-');
        time = time.ToUniversalTime();
        return isRead;
    }

    private static string ToCsv(EcgAccess row) => string.Join(
        ',',
        new object?[]
        {
            row.Id, row.At.ToString("O", CultureInfo.InvariantCulture), row.Action, row.Outcome, row.Count, row.Subject, row.ClientId,
            row.SessionId, row.EcgId, row.OwnerId, row.Address, row.TraceId,
        }.Select(Quote));

    /// <summary>Quotes a CSV field by RFC 4180.</summary>
    private static string Quote(object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string ToJson(EcgAccess row) => JsonSerializer.Serialize(
        new
        {
            row.Id,
            row.At,
            row.Action,
            row.Outcome,
            row.Count,
            row.Subject,
            row.ClientId,
            row.SessionId,
            row.EcgId,
            row.OwnerId,
            Address = row.Address?.ToString(),
            row.TraceId,
        },
        Json);
}
