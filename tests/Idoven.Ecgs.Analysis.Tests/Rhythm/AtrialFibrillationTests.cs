using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Tests.Beats;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Rhythm;

/// <summary>Possible atrial fibrillation compared with annotated rhythms. Every test prints its figures.</summary>
public sealed class AtrialFibrillationTests(ITestOutputHelper output)
{
    [Fact]
    public void Episodes_are_found_in_21_hours_of_annotated_beats()
    {
        var annotations = EcgRecordings.LongTermAf();
        var beats = annotations.Where(annotation => annotation.IsBeat).ToArray();
        var found = AtrialFibrillation.Find([.. beats.Select(beat => new Beat(beat.Sample, 0))], new BeatClass[beats.Length], 128)!;
        var (hits, misses, alarms, quiet) = (0, 0, 0, 0);
        var (inFibrillation, next) = (false, 0);
        for (var i = 0; i < beats.Length; i++)
        {
            for (; next < annotations.Count && annotations[next].Sample <= beats[i].Sample; next++)
            {
                inFibrillation = annotations[next].Text is { } rhythm && rhythm.StartsWith('(')
                    ? rhythm.StartsWith("(AFIB", StringComparison.Ordinal)
                    : inFibrillation;
            }

            _ = (inFibrillation, found[i]) switch
            {
                (true, true) => hits++,
                (true, false) => misses++,
                (false, true) => alarms++,
                _ => quiet++,
            };
        }

        var (sensitivity, specificity) = ((double)hits / (hits + misses), (double)quiet / (alarms + quiet));
        output.WriteLine($"{hits} beats found, {misses} missed, {alarms} false of {alarms + quiet}");
        output.WriteLine($"Se {sensitivity:P2}, specificity {specificity:P2}");
        Assert.InRange(sensitivity, 0.98, 1);
        Assert.InRange(specificity, 0.995, 1);
    }

    [Fact]
    public void Burden_is_high_in_fibrillation_and_zero_in_sinus_rhythm()
    {
        foreach (var record in EcgRecordings.MitBih)
        {
            var beats = new RecordingBeats(new RecordingInfo(360), [Detections.MitBih(record, 0), Detections.MitBih(record, 1)]);
            var burden = beats.FindAtrialFibrillation()!.BurdenPercent;
            output.WriteLine($"{record}: {burden:F1} %");

            // In 207 and 208 the intervals of fusion beats and of changing rhythms are similar.
            Assert.InRange(burden, record == "203" ? 95 : 0, record switch { "203" => 100, "207" => 15, "208" => 12, _ => 0 });
        }
    }

    [Fact]
    public void The_result_of_too_few_beats_is_null()
    {
        var beats = Enumerable.Range(0, 20).Select(i => new Beat(i * 300, 0)).ToArray();
        Assert.Null(AtrialFibrillation.Find(beats, new BeatClass[beats.Length], 360));
    }
}
