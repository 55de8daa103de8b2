using System.Globalization;

namespace Idoven.Cli.Recordings;

/// <summary>What a CSV file doesn't say itself.</summary>
/// <param name="Scale">Multiplies every value, which is then rounded; null where the values are integers already.</param>
/// <param name="SamplingFrequency">Samples a second (Hz), where known.</param>
internal sealed record CsvOptions(double? Scale = null, double? SamplingFrequency = null);

/// <summary>
/// A row a sample, a column a lead, separated by comma, semicolon or tab. A first row that isn't numbers names the leads; a first
/// column called time or sample is not one.
/// </summary>
internal static class CsvFile
{
    private const string Separators = ",;\t";

    /// <exception cref="BadFileException">A row doesn't fit, with its line.</exception>
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
            throw new BadFileException(path, null, "holds no samples.");
        }

        var name = Path.GetFileNameWithoutExtension(path);
        return new Recording(name, clock.GetUtcNow(), [.. LeadNames.Of(names!.Skip(skip)).Zip(columns, (lead, column) => new Lead(lead, [.. column]))])
        {
            SamplingFrequency = options.SamplingFrequency,
            ExternalId = name,
        };
    }

    private static void AddRow(Row row, List<int>[] columns, int skip, double? scale)
    {
        if (row.Cells.Length != columns.Length + skip)
        {
            throw row.Bad($"{row.Cells.Length} values; the first row has {columns.Length + skip}.");
        }

        for (var i = 0; i < columns.Length; i++)
        {
            columns[i].Add(Sample(row, row.Cells[i + skip].Trim(), scale));
        }
    }

    private static int Sample(Row row, string cell, double? scale)
    {
        if (scale is null && int.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return integer;
        }

        if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            throw row.Bad($"'{cell}' is not a number.");
        }

        if (scale is null && value != Math.Round(value))
        {
            throw row.Bad($"{cell} has a fraction, and samples are integers: --scale N multiplies by N and rounds (1000 makes uV of mV).");
        }

        var scaled = Math.Round(value * (scale ?? 1));
        return scaled is >= int.MinValue and <= int.MaxValue ? (int)scaled : throw row.Bad($"{cell} does not fit into 32 bits.");
    }

    private static bool IsTime(string name) =>
        name.Contains("time", StringComparison.OrdinalIgnoreCase) || name.StartsWith("sample", StringComparison.OrdinalIgnoreCase)
        || new[] { "t", "index", "seconds", "ms" }.Contains(name, StringComparer.OrdinalIgnoreCase);

    private readonly record struct Row(string Path, int Line, string[] Cells)
    {
        public BadFileException Bad(string message) => new(Path, Line, message);
    }
}
