using System.Globalization;
using System.Text.RegularExpressions;
using Idoven.Cli.Errors;

namespace Idoven.Cli.Recordings.Wfdb;

/// <summary>Represents a signal line of a header. Fields that the line omits are null.</summary>
/// <param name="Line">The number of the line in the header, for messages.</param>
/// <param name="SamplesPerFrame">The number of samples in each frame.</param>
/// <param name="Skew">The number of frames by which the signal is delayed in the file.</param>
/// <param name="Offset">The number of bytes before the first sample in the file.</param>
/// <param name="Gain">Sample values per physical unit; null if uncalibrated.</param>
/// <param name="Checksum">The sum of the samples in 16 bits; also null for 0, which some programs write instead of a checksum.</param>
internal sealed record WfdbSignal(
    int Line,
    string File,
    int Format,
    int SamplesPerFrame,
    int Skew,
    long Offset,
    double? Gain,
    string? Unit,
    int? AdcZero,
    int? InitialValue,
    long? Checksum,
    string? Description);

/// <summary>Represents a segment line of a header.</summary>
internal sealed record WfdbSegment(int Line, string Name, long Frames);

/// <summary>
/// Represents a WFDB header file (Moody et al., header(5) of the WFDB Applications Guide): a record line, then one line for each signal or
/// segment.
/// </summary>
/// <param name="FrameFrequency">Frames per second.</param>
/// <param name="Frames">The number of frames; null if the header omits it.</param>
/// <param name="Start">The start of the recording, without a time zone; null if the header omits date or time.</param>
internal sealed partial record WfdbHeader(
    string Name,
    double FrameFrequency,
    long? Frames,
    DateTime? Start,
    IReadOnlyList<WfdbSignal> Signals,
    IReadOnlyList<WfdbSegment> Segments)
{
    private const double DefaultFrequency = 250;
    private const string DefaultUnit = "mV";

    /// <summary>Reads a header file.</summary>
    /// <exception cref="BadFileException">A line is invalid.</exception>
    public static WfdbHeader Read(string path)
    {
        var lines = new Queue<Line>(File.ReadLines(path)
            .Index()
            .Select(line => new Line(path, line.Index + 1, line.Item.Trim()))
            .Where(line => line.Text.Length > 0 && line.Text[0] != '#'));
        if (!lines.TryDequeue(out var first))
        {
            throw new BadFileException(path, null, "The file has no record line.");
        }

        var fields = first.Fields();
        if (fields.Length < 2)
        {
            throw first.Error("The record line must have a name and a number of signals.");
        }

        var name = fields[0].Split('/');
        var isSegmented = name.Length > 1;
        var count = first.Integer(isSegmented ? name[1] : fields[1], "number of signals or segments", minimum: 1);
        var frames = fields.Length > 3 ? first.Long(fields[3], "number of samples") : 0;
        return new WfdbHeader(
            name[0],
            fields.Length > 2 ? ParseFrequency(first, fields[2]) : DefaultFrequency,
            frames > 0 ? frames : null,
            fields.Length > 5 ? ParseStart(first, fields[4], fields[5]) : null,
            isSegmented ? [] : [.. TakeLines(lines, count, path).Select(ParseSignal)],
            isSegmented ? [.. TakeLines(lines, count, path).Select(ParseSegment)] : []);
    }

    private static IEnumerable<Line> TakeLines(Queue<Line> lines, int count, string path) => lines.Count >= count
        ? lines.Take(count)
        : throw new BadFileException(path, null, $"The record line announces {count} lines, but {lines.Count} follow.");

    private static WfdbSegment ParseSegment(Line line) => line.Fields() is [var name, var frames, ..]
        ? new WfdbSegment(line.Number, name, line.Long(frames, "number of samples"))
        : throw line.Error("A segment line must have a name and a number of samples.");

    private static WfdbSignal ParseSignal(Line line)
    {
        // The description is the rest of the line, including spaces.
        var fields = line.Fields(9);
        if (fields.Length < 2 || FormatField().Match(fields[1]) is not { Success: true } format)
        {
            throw line.Error("A signal line must start with a file name and a format, such as 212.");
        }

        var gain = fields.Length > 2 ? GainField().Match(fields[2]) : null;
        if (gain is { Success: false })
        {
            throw line.Error($"'{fields[2]}' is not a valid gain, such as 200(1024)/mV.");
        }

        var adus = gain is null ? 0 : double.Parse(gain.Groups[1].Value, CultureInfo.InvariantCulture);
        return new WfdbSignal(
            line.Number,
            fields[0],
            line.Integer(format.Groups[1].Value, "format"),
            Optional(format.Groups[2], "number of samples per frame", minimum: 1) ?? 1,
            Optional(format.Groups[3], "skew") ?? 0,
            Optional(format.Groups[4], "byte offset") ?? 0,
            adus == 0 ? null : adus,
            gain is null ? null : gain.Groups[2].Success ? gain.Groups[2].Value : DefaultUnit,
            fields.Length > 4 ? line.Integer(fields[4], "ADC zero") : null,
            fields.Length > 5 ? line.Integer(fields[5], "initial value") : null,
            fields.Length > 6 && line.Long(fields[6], "checksum") is not 0 and var checksum ? checksum : null,
            fields.Length > 8 ? fields[8] : null);

        int? Optional(Group group, string what, int minimum = 0) => group.Success ? line.Integer(group.Value, what, minimum) : null;
    }

    private static double ParseFrequency(Line line, string field) =>
        double.TryParse(field.Split('/')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && value > 0 && double.IsFinite(value)
            ? value
            : throw line.Error($"'{field}' is not a valid sampling frequency.");

    private static DateTime ParseStart(Line line, string time, string date)
    {
        string[] formats = ["d/M/yyyy H:m:s", "d/M/yyyy H:m:s.FFFFFFF"];
        return DateTime.TryParseExact($"{date} {time}", formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var start)
            ? start
            : throw line.Error($"'{time} {date}' is not a valid time and date, such as 17:27:45 15/08/1994.");
    }

    [GeneratedRegex(@"\A([0-9]+)(?:x([0-9]+))?(?::([0-9]+))?(?:\+([0-9]+))?\z")]
    private static partial Regex FormatField();

    [GeneratedRegex(@"\A([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)(?:\([-+]?[0-9]+\))?(?:/(\S+))?\z")]
    private static partial Regex GainField();

    /// <summary>Represents a line that is neither empty nor a comment.</summary>
    private readonly record struct Line(string Path, int Number, string Text)
    {
        public BadFileException Error(string message) => new(Path, Number, message);

        /// <summary>Returns the fields that spaces separate. The last of at most this number of fields has the rest of the line.</summary>
        public string[] Fields(int atMost = int.MaxValue)
        {
            var rest = Text;
            var fields = new List<string>();
            while (rest.Length > 0)
            {
                var end = fields.Count == atMost - 1 ? -1 : rest.AsSpan().IndexOfAny(' ', '\t');
                fields.Add(end < 0 ? rest : rest[..end]);
                rest = end < 0 ? "" : rest[end..].TrimStart();
            }

            return [.. fields];
        }

        public int Integer(string field, string what, int minimum = int.MinValue) =>
            int.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= minimum
                ? value
                : throw Error($"'{field}' is not a valid {what}.");

        public long Long(string field, string what) =>
            long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw Error($"'{field}' is not a valid {what}.");
    }
}
