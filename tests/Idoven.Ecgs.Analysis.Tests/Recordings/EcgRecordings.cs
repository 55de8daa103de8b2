using System.Collections.Concurrent;
using System.Globalization;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Recordings;

/// <summary>
/// The recordings with reference beats. They are not part of the repository; a test that reads one is skipped with the reason if they are
/// missing.
/// </summary>
internal static class EcgRecordings
{
    public static IReadOnlyList<string> MitBih { get; } =
        ["100", "101", "104", "106", "108", "109", "112", "115", "116", "118", "119", "203", "207", "208"];

    public static IReadOnlyList<string> Ludb { get; } = ["1", "8", "16", "23", "34", "45", "60", "74", "90", "111"];

    public static IReadOnlyList<string> Telehealth { get; } = ["3", "20", "42", "60", "125", "155", "190"];

    private static readonly ConcurrentDictionary<string, Lazy<Recording>> Known = new();

    /// <summary>Returns a record of the MIT-BIH Arrhythmia Database. It is read once for all tests.</summary>
    public static Recording MitBihRecord(string name) =>
        Known.GetOrAdd(name, _ => new Lazy<Recording>(() => Wfdb.Read(PathOf("mitdb", name + ".hea")))).Value;

    public static Recording Sel100() => Wfdb.Read(PathOf("qtdb", "sel100.hea"));

    public static Recording Cinc2014() => Wfdb.Read(PathOf("cinc2014", "102.hea"));

    /// <summary>Returns twelve leads, each with the peaks of its own QRS complexes.</summary>
    public static Recording LudbRecord(string name)
    {
        var recording = Wfdb.Read(PathOf("ludb", name + ".hea"), "ii");
        return recording with
        {
            Name = "ludb " + name,
            Leads =
            [
                .. recording.Leads.Select(lead => lead with
                {
                    ReferenceBeats =
                    [
                        .. Wfdb.ReadAnnotations(PathOf("ludb", $"{name}.{lead.Name}")).Where(a => a.IsBeat).Select(a => (double)a.Sample),
                    ],
                }),
            ],
        };
    }

    /// <summary>Returns record 118 with electrode motion noise.</summary>
    /// <param name="name">118e12 (SNR 12 dB) or 118e00 (0 dB).</param>
    public static Recording NoiseStressRecord(string name)
    {
        var samples = Rows("nstdb", name + ".csv").Select(row => Sample(row[0], 200)).ToArray();
        var beats = Rows("nstdb", name + "_ann.csv").Select(row => new Annotation(int.Parse(row[0], CultureInfo.InvariantCulture), 'N'));
        return new Recording(name, 360, [new Lead("MLII", samples)], [.. beats]);
    }

    /// <summary>Returns a single lead from dry electrodes. Artefacts of the first mask are not scored.</summary>
    public static Recording TelehealthRecord(string name)
    {
        var rows = Rows("tele", name + ".csv").ToList();
        var beats = rows.Index().Where(row => row.Item[1] == "1").Select(row => new Annotation(row.Index, 'N'));
        return new Recording("tele " + name, 500, [new Lead("I", [.. rows.Select(row => Sample(row[0], 1000))])], [.. beats])
        {
            Masked = [.. Ranges(rows.Select(row => row[2] == "1"))],
        };
    }

    /// <summary>Returns 21 hours of beats and rhythms of the Long Term AF Database at 128 Hz, without a signal.</summary>
    public static IReadOnlyList<Annotation> LongTermAf() => Wfdb.ReadAnnotations(PathOf("ltafdb", "00.atr"));

    private static IEnumerable<SampleRange> Ranges(IEnumerable<bool> flags)
    {
        int? start = null;
        var i = 0;
        foreach (var flag in flags.Append(false))
        {
            if (flag)
            {
                start ??= i;
            }
            else if (start is { } from)
            {
                yield return new SampleRange(from, i - 1);
                start = null;
            }

            i++;
        }
    }

    private static IEnumerable<string[]> Rows(string folder, string file) =>
        File.ReadLines(PathOf(folder, file)).Select(line => line.Split(','));

    private static int Sample(string millivolts, double gain) =>
        (int)Math.Round(double.Parse(millivolts, CultureInfo.InvariantCulture) * gain);

    private static string PathOf(params string[] parts)
    {
        EcgData.SkipIfMissing();
        return EcgData.PathOf(parts);
    }
}
