using System.Globalization;
using System.Text;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Bench;

/// <summary>
/// Writes the engine's results, a file for each record, so that two versions of the code, or two processors, can be compared by the files.
/// </summary>
internal static class Results
{
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in Source.MitBihRecords)
        {
            Write(Path.Combine(folder, name + ".txt"), Source.MitBih(name) ?? Source.Synthetic(600, 360), 360);
        }

        Write(Path.Combine(folder, "synthetic.txt"), Source.Synthetic(60, 500), 500);
    }

    private static void Write(string path, int[][] samples, double samplingFrequency)
    {
        var recording = new RecordingInfo(samplingFrequency);
        var engine = new AnalysisEngine();
        var text = new StringBuilder();
        var leads = samples.Select((lead, i) => engine.Analyze(new LeadSignal($"{i}", lead, recording))).ToList();
        text.AppendLine(Encoding.UTF8.GetString(engine.Conclude(recording, leads).ToJson()).Replace(",", ",\n", StringComparison.Ordinal));
        foreach (var lead in samples)
        {
            text.AppendLine("beats");
            foreach (var beat in QrsDetector.Detect(lead, samplingFrequency).Beats)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"{beat.Sample:F6} {beat.Score:F6}");
            }
        }

        File.WriteAllText(path, text.ToString());
    }
}
