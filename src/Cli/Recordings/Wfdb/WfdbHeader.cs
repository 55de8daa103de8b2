using System.Globalization;
using System.Text.RegularExpressions;

namespace Idoven.Cli.Recordings.Wfdb;

/// <summary>A signal's line of a header. What the line leaves out is null.</summary>
/// <param name="Line">Its number in the header, for messages.</param>
/// <param name="SamplesPerFrame">How often it is sampled while the record's frequency counts one.</param>
/// <param name="Skew">Frames by which it lags in the file.</param>
/// <param name="Offset">Bytes before the first sample in the file.</param>
/// <param name="Gain">Sample values a physical unit; null where uncalibrated.</param>
/// <param name="Checksum">The sum of the samples in 16 bits; null for 0 too, which writers put that compute none.</param>
internal sealed record WfdbSignal(
    int Line, string File, int Format, int SamplesPerFrame, int Skew, long Offset, double? Gain, string? Unit, int? AdcZero, int? InitialValue,
    long? Checksum, string? Description);

/// <summary>A part of a record of several segments.</summary>
internal sealed record WfdbSegment(int Line, string Name, long Frames);

/// <summary>
/// A WFDB header file (Moody et al., header(5) of the WFDB Applications Guide): a record line, then one line a signal, or one a segment.
/// </summary>
/// <param name="FrameFrequency">Frames a second (Hz).</param>
/// <param name="Frames">How long the record is; null where the header leaves it open.</param>
/// <param name="Start">When it was recorded, without a time zone; null where the header doesn't say date and time.</param>
internal sealed partial record WfdbHeader(
    string Name, double FrameFrequency, long? Frames, DateTime? Start, IReadOnlyList<WfdbSignal> Signals, IReadOnlyList<WfdbSegment> Segments)
{
    private const double DefaultFrequency = 250;
    private const string DefaultUnit = "mV";

    /// <exception cref="BadFileException">A line is not as the format has it.</exception>
    public static WfdbHeader Read(string path)
    {
        var lines = new Queue<Line>(
            File.ReadLines(path).Index().Select(line => new Line(path, line.Index + 1, line.Item.Trim())).Where(line => line.Text.Length > 0 && line.Text[0] != '#'));
        if (!lines.TryDequeue(out var first))
        {
            throw new BadFileException(path, null, "has no record line.");
        }

        var fields = first.Fields();
        if (fields.Length < 2)
        {
            throw first.Bad("a record line has a name and a number of signals.");
        }

        var name = fields[0].Split('/');
        var isSegmented = name.Length > 1;
        var count = first.Integer(isSegmented ? name[1] : fields[1], "number of signals or segments", minimum: 1);
        var frames = fields.Length > 3 ? first.Long(fields[3], "number of samples") : 0;
        return new WfdbHeader(
            name[0],
            fields.Length > 2 ? Frequency(first, fields[2]) : DefaultFrequency,
            frames > 0 ? frames : null,
            fields.Length > 5 ? StartOf(first, fields[4], fields[5]) : null,
            isSegmented ? [] : [.. Take(lines, count, path).Select(Signal)],
            isSegmented ? [.. Take(lines, count, path).Select(Segment)] : []);
    }

    private static IEnumerable<Line> Take(Queue<Line> lines, int count, string path) => lines.Count >= count
        ? lines.Take(count)
        : throw new BadFileException(path, null, $"the record line promises {count} lines, {lines.Count} follow.");

    private static WfdbSegment Segment(Line line) => line.Fields() is [var name, var frames, ..]
        ? new WfdbSegment(line.Number, name, line.Long(frames, "number of samples"))
        : throw line.Bad("a segment line has a name and a number of samples.");

    private static WfdbSignal Signal(Line line)
    {
        // The description is the rest of the line, blanks and all.
        var fields = line.Fields(9);
        if (fields.Length < 2 || FormatField().Match(fields[1]) is not { Success: true } format)
        {
            throw line.Bad("a signal line begins with a file name and a format, such as 212.");
        }

        var gain = fields.Length > 2 ? GainField().Match(fields[2]) : null;
        if (gain is { Success: false })
        {
            throw line.Bad($"'{fields[2]}' is not a gain, such as 200(1024)/mV.");
        }

        var adus = gain is null ? 0 : double.Parse(gain.Groups[1].Value, CultureInfo.InvariantCulture);
        return new WfdbSignal(
            line.Number,
            fields[0],
            line.Integer(format.Groups[1].Value, "format"),
            Optional(format.Groups[2], "samples a frame", minimum: 1) ?? 1,
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

    private static double Frequency(Line line, string field) =>
        double.TryParse(field.Split('/')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0 && double.IsFinite(value)
            ? value
            : throw line.Bad($"'{field}' is not a sampling frequency.");

    private static DateTime StartOf(Line line, string time, string date) =>
        DateTime.TryParseExact($"{date} {time}", ["d/M/yyyy H:m:s", "d/M/yyyy H:m:s.FFFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var start)
            ? start
            : throw line.Bad($"'{time} {date}' is not a time and a date, such as 17:27:45 15/08/1994.");

    [GeneratedRegex(@"\A([0-9]+)(?:x([0-9]+))?(?::([0-9]+))?(?:\+([0-9]+))?\z")]
    private static partial Regex FormatField();

    [GeneratedRegex(@"\A([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)(?:\([-+]?[0-9]+\))?(?:/(\S+))?\z")]
    private static partial Regex GainField();

    /// <summary>A line of the file that says something.</summary>
    private readonly record struct Line(string Path, int Number, string Text)
    {
        public BadFileException Bad(string message) => new(Path, Number, message);

        /// <summary>What blanks separate; the last field takes the rest.</summary>
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
                : throw Bad($"'{field}' is not a {what}.");

        public long Long(string field, string what) =>
            long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Bad($"'{field}' is not a {what}.");
    }
}
