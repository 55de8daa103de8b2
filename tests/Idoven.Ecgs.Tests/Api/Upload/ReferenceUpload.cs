using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Idoven.Ecgs.Tests.Api.Upload;

/// <summary>
/// Implements the rules of an upload's body a second time, simply and slowly: System.Text.Json parses the whole document, and each rule is
/// then checked separately. All pointers that may be rejected are collected.
/// </summary>
internal sealed class ReferenceUpload
{
    private readonly List<(string Name, int[] Samples)> leads = [];
    private DateTimeOffset? date;
    private double? samplingFrequency;
    private double? gain;
    private string? unit;
    private int? adcZero;
    private string? externalId;

    private ReferenceUpload()
    {
    }

    /// <summary>Gets whether the body is JSON.</summary>
    public bool IsJson { get; private init; }

    /// <summary>Gets the pointers of the values that break a rule.</summary>
    public HashSet<string> Broken { get; } = [];

    public string Verdict => IsJson && Broken.Count == 0
        ? Outcome.Accepted(date!.Value, samplingFrequency, unit, gain, adcZero, externalId, leads)
        : "Invalid";

    public static ReferenceUpload Read(byte[] body)
    {
        try
        {
            var json = Encoding.UTF8.GetString(body).StartsWith('\ufeff') ? body.AsMemory(Encoding.UTF8.Preamble.Length) : body;
            using var document = JsonDocument.Parse(json);
            var upload = new ReferenceUpload { IsJson = true };
            upload.Root(document.RootElement);
            return upload;
        }
        catch (JsonException)
        {
            return new ReferenceUpload { IsJson = false };
        }
    }

    private void Root(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            Broken.Add("");
            return;
        }

        var members = Members(root, "", "date", "leads", "samplingFrequency", "unit", "gain", "adcZero", "externalId");
        date = members.TryGetValue("date", out var when) && Text(when, "/date", int.MaxValue) is { } text ? Date(text) : null;
        Check(date is not null, "/date");
        samplingFrequency = Optional(members, "samplingFrequency", value => Positive(value, "/samplingFrequency"));
        Check(samplingFrequency is not > 1_000_000, "/samplingFrequency");
        gain = Optional(members, "gain", value => Positive(value, "/gain"));
        adcZero = Optional(members, "adcZero", value => Int32(value, "/adcZero"));
        unit = Optional(members, "unit", value => Text(value, "/unit", 16));
        externalId = Optional(members, "externalId", value => Text(value, "/externalId", 128));
        if (!members.TryGetValue("leads", out var all) || all.ValueKind != JsonValueKind.Array || all.GetArrayLength() == 0)
        {
            Broken.Add("/leads");
            return;
        }

        foreach (var (index, lead) in all.EnumerateArray().Index())
        {
            Check(index < 64, $"/leads/{index}");
            Lead(lead, $"/leads/{index}");
        }
    }

    private void Lead(JsonElement lead, string pointer)
    {
        if (lead.ValueKind != JsonValueKind.Object)
        {
            Broken.Add(pointer);
            return;
        }

        var members = Members(lead, pointer, "name", "samples", "signal");
        var name = members.TryGetValue("name", out var given) ? Text(given, $"{pointer}/name", 32) : null;
        Check(name is not null && !char.IsWhiteSpace(name[0]) && !char.IsWhiteSpace(name[^1]) && leads.All(other => other.Name != name),
            $"{pointer}/name");
        var signal = members.TryGetValue("signal", out var samples) ? Signal(samples, $"{pointer}/signal") : [];
        Check(signal.Count > 0, $"{pointer}/signal");
        Check(Optional(members, "samples", value => Int32(value, $"{pointer}/samples")) is not { } count || count == signal.Count,
            $"{pointer}/samples");
        leads.Add((name ?? "", [.. signal]));
    }

    private List<int> Signal(JsonElement signal, string pointer) => signal.ValueKind == JsonValueKind.Array
        ? [.. signal.EnumerateArray().Select((sample, index) => Int32(sample, $"{pointer}/{index}") ?? 0)]
        : [];

    private Dictionary<string, JsonElement> Members(JsonElement element, string pointer, params string[] known)
    {
        var members = new Dictionary<string, JsonElement>();
        foreach (var property in element.EnumerateObject())
        {
            try
            {
                var name = property.Name;
                Check(known.Contains(name) && members.TryAdd(name, property.Value), $"{pointer}/{Escaped(name)}");
            }
            catch (InvalidOperationException)
            {
                // No Unicode: such a member has no name to point to.
                Broken.Add(pointer);
            }
        }

        return members;
    }

    private static T? Optional<T>(Dictionary<string, JsonElement> members, string name, Func<JsonElement, T?> read) =>
        members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? read(value) : default;

    private string? Text(JsonElement value, string pointer, int maxLength)
    {
        try
        {
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            Check(text.Length >= 1 && text.Length <= maxLength
                && !text.Any(character => character is < ' ' or (>= '\u007f' and <= '\u009f')), pointer);
            return text.Length > 0 ? text : null;
        }
        catch (InvalidOperationException)
        {
            Broken.Add(pointer);
            return null;
        }
    }

    private int? Int32(JsonElement value, string pointer)
    {
        var number = value.ValueKind == JsonValueKind.Number && !value.GetRawText().Contains('e', StringComparison.OrdinalIgnoreCase)
            && decimal.TryParse(value.GetRawText(), CultureInfo.InvariantCulture, out var read) && decimal.IsInteger(read)
            && read is >= int.MinValue and <= int.MaxValue ? (int)read : (int?)null;
        Check(number is not null, pointer);
        return number;
    }

    private double? Positive(JsonElement value, string pointer)
    {
        var number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
        Check(number > 0 && number < double.PositiveInfinity, pointer);
        return number;
    }

    /// <summary>ISO 8601 with an offset, read place by place.</summary>
    private static DateTimeOffset? Date(string text)
    {
        text = text is [.., '+' or '-', _, _, _, _] ? text.Insert(text.Length - 2, ":") : text;
        var (moment, offset) = text is [.., 'Z'] ? (text[..^1], "+00:00") : text.Length > 6 ? (text[..^6], text[^6..]) : ("", "");
        var (seconds, fraction) = moment.Split('.') is [var whole, var part] ? (whole, part) : (moment, null);
        if (offset is not [('+' or '-'), _, _, ':', _, _]
            || (fraction is not null && (seconds.Length != 19 || fraction.Length is 0 or > 9 || !fraction.All(char.IsAsciiDigit)))
            || !DateTime.TryParseExact(
                seconds, ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            || !TimeSpan.TryParseExact(offset[1..], @"hh\:mm", CultureInfo.InvariantCulture, out var away) || away > TimeSpan.FromHours(14))
        {
            return null;
        }

        var ticks = decimal.Round(decimal.Parse($"0.{fraction ?? "0"}", CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond);
        var shift = offset[0] == '-' ? -away : away;
        if ((local - DateTime.MinValue) < shift || (DateTime.MaxValue - local) < -shift)
        {
            return null;
        }

        var date = new DateTimeOffset(local, shift).AddTicks((long)ticks);
        return date.UtcDateTime.Year >= 1850 ? date : null;
    }

    private void Check(bool holds, string pointer)
    {
        if (!holds)
        {
            Broken.Add(pointer);
        }
    }

    private static string Escaped(string member) => (member.Length > 64 ? member[..64] : member).Replace("~", "~0").Replace("/", "~1");
}
