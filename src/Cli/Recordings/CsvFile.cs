using System.Globalization;
using Idoven.Cli.Errors;

namespace Idoven.Cli.Recordings;

/// <summary>Represents what a CSV file does not contain.</summary>
/// <param name="Scale">The factor to multiply each value by before it is rounded; null if the values are integers.</param>
/// <param name="SamplingFrequency">Samples per second; null if unknown.</param>
internal sealed record CsvOptions(double? Scale = null, double? SamplingFrequency = null);

/// <summary>
/// Reads a CSV file with one row for each sample and one column for each lead, separated by comma, semicolon or tab. A first row that
/// does not consist of numbers names the leads. A first column named time or sample is not a lead.
/// </summary>
internal static class CsvFile
{
    private const string Separators = ",;\t";

    /// <summary>Reads the file.</summary>
    /// <exception cref="BadFileException">A row is invalid; the message has its line.</exception>
    public static Recording Read(string path, CsvOptions options, TimeProvider clock)
    {
        string[]? names = null;
        List<int>[]? columns = null;
        var separator = ',';
        var skip = 0;
        foreach (var (index, line) in File.ReadLines(path).Index())
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (columns is null)
            {
                separator = Separators.FirstOrDefault(line.Contains, ',');
                var cells = line.Split(separator);
                var isHeader = cells.Any(cell => !double.TryParse(cell, CultureInfo.InvariantCulture, out _));
                names = isHeader ? [.. cells.Select(cell => cell.Trim().Trim('"', '\''))] : new string[cells.Length];
                skip = isHeader && IsTime(names[0]) ? 1 : 0;
                columns = [.. names.Skip(skip).Select(_ => new List<int>())];
                if (isHeader)
                {
                    continue;
                }
            }

            AddRow(new Row(path, index + 1, line.Split(separator)), columns, skip, options.Scale);
        }

        if (columns is null or [] || columns[0].Count == 0)
        {
            throw new BadFileException(path, null, "has no samples.");
        }

        var name = Path.GetFileNameWithoutExtension(path);
        var leads = LeadNames.MakeValid(names!.Skip(skip)).Zip(columns, (lead, column) => new Lead(lead, [.. column]));
        return new Recording(name, clock.GetUtcNow(), [.. leads])
        {
            SamplingFrequency = options.SamplingFrequency,
            ExternalId = name,
        };
    }

    private static void AddRow(Row row, List<int>[] columns, int skip, double? scale)
    {
        if (row.Cells.Length != columns.Length + skip)
        {
            throw row.Error($"The row has {row.Cells.Length} values, but the first row has {columns.Length + skip}.");
        }

        for (var i = 0; i < columns.Length; i++)
        {
            columns[i].Add(ParseSample(row, row.Cells[i + skip].Trim(), scale));
        }
    }

    private static int ParseSample(Row row, string cell, double? scale)
    {
        if (scale is null && int.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return integer;
        }

        if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            throw row.Error($"'{cell}' is not a number.");
        }

        if (scale is null && value != Math.Round(value))
        {
            throw row.Error($"{cell} is not an integer. --scale N multiplies by N and rounds (1000 converts mV to uV).");
        }

        var scaled = Math.Round(value * (scale ?? 1));
        return scaled is >= int.MinValue and <= int.MaxValue ? (int)scaled : throw row.Error($"{cell} does not fit in 32 bits.");
    }

    private static bool IsTime(string name) =>
        name.Contains("time", StringComparison.OrdinalIgnoreCase) || name.StartsWith("sample", StringComparison.OrdinalIgnoreCase)
        || new[] { "t", "index", "seconds", "ms" }.Contains(name, StringComparer.OrdinalIgnoreCase);

    private readonly record struct Row(string Path, int Line, string[] Cells)
    {
        public BadFileException Error(string message) => new(Path, Line, message);
    }
}
