using System.Buffers.Binary;
using System.IO.Compression;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Tests.Goldens;

/// <summary>
/// All development recordings with an ECG signal, whole. The samples of file formats (<c>formats/</c>) are left out: they test readers,
/// not the engine.
/// </summary>
internal static class DevelopmentRecordings
{
    private static readonly string[] WfdbFolders = ["mitdb", "ludb", "cinc2014", "cinc2014-p2", "cinc2017", "cinc2021", "cpsc2021", "qtdb"];

    /// <summary>Its header contradicts its first sample, so the command line tool rejects it, too.</summary>
    private const string BrokenRecord = "cinc2017/A00013";

    private static readonly string[] NoiseStressNames = ["118e12", "118e00"];

    /// <summary>The names of the recordings in the data folder, in the order of the golden file. Requires the data.</summary>
    public static IReadOnlyList<string> Names =>
    [
        .. WfdbFolders.SelectMany(folder => NamesIn(folder, "*.hea")).Where(name => name != BrokenRecord),
        .. NoiseStressNames.Select(name => "nstdb/" + name),
        .. NamesIn("tele", "*.csv"),
        .. NamesIn("cpsc2019", "data_*.mat"),
    ];

    public static GoldenRecording Read(string name)
    {
        var (folder, file) = (Path.GetDirectoryName(name)!, Path.GetFileName(name));
        if (folder == "cpsc2019")
        {
            return new GoldenRecording(name, 500, AdcZero: null, [("ecg", ReadMatlabVector(EcgData.PathOf(folder, file + ".mat")))]);
        }

        var recording = folder switch
        {
            "tele" => EcgRecordings.TelehealthRecord(file),
            "nstdb" => EcgRecordings.NoiseStressRecord(file),
            _ => Wfdb.Read(EcgData.PathOf(folder, file + ".hea")),
        };
        int? adcZero = folder == "mitdb" ? 1024 : null;
        var leads = recording.Leads.Select(lead => (lead.Name, lead.Samples));
        return new GoldenRecording(name, recording.SamplingFrequency, adcZero, [.. leads]);
    }

    private static IEnumerable<string> NamesIn(string folder, string pattern) =>
        Directory.EnumerateFiles(EcgData.PathOf(folder), pattern).Select(path => $"{folder}/{Path.GetFileNameWithoutExtension(path)}")
            .Order(StringComparer.Ordinal);

    /// <summary>
    /// Reads the only variable of a compressed MATLAB 5 file, a vector of doubles in mV, as samples of 1 uV: after the element's tag,
    /// flags, dimensions and a short name, 48 bytes in all, the numbers follow.
    /// </summary>
    private static int[] ReadMatlabVector(string path)
    {
        const int FileHeader = 128, ElementTag = 8, CompressedType = 15, NumbersAt = 48;
        var bytes = File.ReadAllBytes(path);
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(FileHeader)) != CompressedType)
        {
            throw new InvalidDataException($"{path} does not begin with a compressed element.");
        }

        var content = new MemoryStream(bytes, FileHeader + ElementTag, bytes.Length - FileHeader - ElementTag);
        using var compressed = new ZLibStream(content, CompressionMode.Decompress);
        var element = new MemoryStream();
        compressed.CopyTo(element);
        var numbers = element.ToArray().AsSpan(NumbersAt);
        var length = BinaryPrimitives.ReadInt32LittleEndian(numbers[4..]) / sizeof(double);
        var samples = new int[length];
        for (var i = 0; i < length; i++)
        {
            samples[i] = (int)Math.Round(1000 * BinaryPrimitives.ReadDoubleLittleEndian(numbers[(ElementTag + (i * sizeof(double)))..]));
        }

        return samples;
    }
}
