using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Tests.Goldens;

/// <summary>
/// Insight documents and beat lists, byte by byte as they were when their lines of <c>analysis.sha256</c> were printed:
/// a change of structure or of names in the engine must not change them. The lines were printed on Linux on x64, with and without AVX2
/// and FMA; another C library may round a last digit differently.
/// </summary>
public sealed class AnalysisGoldenTests(ITestOutputHelper output)
{
    // Later additions to the data folder have no line until they are printed; lines that get lost are noticed.
    private const int RecordingCount = 208;

    private const string SyntheticPrefix = "synthetic/";

    [Fact]
    public void Synthetic_ecgs_give_the_documents_and_beats_of_the_golden_file()
    {
        var actual = GoldenRecording.Synthetic.Select(AnalysisHashes.Compute).ToList();
        GoldenFile.AddMissing(actual);
        AssertSame([.. GoldenFile.Read().Where(IsSynthetic)], actual);
    }

    [Fact]
    public void Development_recordings_give_the_documents_and_beats_of_the_golden_file()
    {
        Assert.SkipWhen(EcgData.Missing is not null && !IsContinuousIntegration, EcgData.Missing ?? "");
        Assert.True(EcgData.Missing is null, EcgData.Missing);
        if (GoldenFile.IsWriting)
        {
            GoldenFile.AddMissing(Compute(DevelopmentRecordings.Names.Except(GoldenFile.Read().Select(golden => golden.Name))));
        }

        var golden = GoldenFile.Read().Where(golden => !IsSynthetic(golden)).ToList();
        Assert.Equal(RecordingCount, golden.Count);
        foreach (var name in DevelopmentRecordings.Names.Except(golden.Select(one => one.Name)))
        {
            output.WriteLine($"{name} is not in the golden file");
        }

        AssertSame(golden, Compute(golden.Select(one => one.Name)));
    }

    [Fact]
    public void The_same_recording_analysed_twice_gives_the_same_hashes() =>
        Assert.All(
            GoldenRecording.Synthetic,
            recording => Assert.Equal(AnalysisHashes.Compute(recording), AnalysisHashes.Compute(recording)));

    [Fact]
    public void A_difference_of_one_in_one_sample_is_detected()
    {
        var recording = GoldenRecording.Synthetic[0];
        var changed = recording with { Leads = [.. recording.Leads.Select(lead => (lead.Name, lead.Samples.ToArray()))] };
        changed.Leads[11].Samples[2500]++;

        var differences = GoldenFile.Compare([AnalysisHashes.Compute(recording)], [AnalysisHashes.Compute(changed)]);

        Assert.Contains(differences, difference => difference.Contains("the samples changed", StringComparison.Ordinal));
        Assert.Contains(differences, difference => difference.Contains("the insight document changed", StringComparison.Ordinal));
    }

    public static TheoryData<double, BeatClass> ChangedBeats => new()
    {
        { 100.26, BeatClass.N },
        { 100.25, BeatClass.S },
    };

    [Theory, MemberData(nameof(ChangedBeats))]
    public void One_beat_that_moves_by_a_hundredth_of_a_sample_or_changes_its_class_is_noticed(double sample, BeatClass beatClass)
    {
        var before = HashesOf(new ClassifiedBeat(100.25, BeatClass.N));
        var after = HashesOf(new ClassifiedBeat(sample, beatClass));

        var differences = GoldenFile.Compare([before], [after]);

        Assert.Equal(
            [$"one: the beat lists in JSON changed to {after.Beats}", $"one: the stored beat lists changed to {after.StoredBeats}"],
            differences);
    }

    [Fact]
    public void A_beat_list_that_moves_to_another_lead_or_is_empty_instead_of_missing_is_noticed()
    {
        var recording = new GoldenRecording("one", 500, null, []);
        IReadOnlyList<ClassifiedBeat> beats = [new ClassifiedBeat(100, BeatClass.N)];
        AnalysisHashes[] all =
        [
            AnalysisHashes.Compute(recording, [], [(null, beats), ("I", null)]),
            AnalysisHashes.Compute(recording, [], [(null, null), ("I", beats)]),
            AnalysisHashes.Compute(recording, [], [(null, beats), ("I", [])]),
        ];
        Assert.Equal(3, all.Select(hashes => hashes.StoredBeats).Distinct().Count());
        Assert.Equal(3, all.Select(hashes => hashes.Beats).Distinct().Count());
    }

    [Fact]
    public void A_recording_without_a_line_and_a_line_without_a_recording_are_noticed()
    {
        var first = HashesOf(new ClassifiedBeat(1, BeatClass.N));
        var second = first with { Name = "two" };
        Assert.Equal(["two has no line in the golden file"], GoldenFile.Compare([first], [first, second]));
        Assert.Equal(["two was not analysed"], GoldenFile.Compare([first, second], [first]));
        Assert.Empty(GoldenFile.Compare([first, second], [second, first]));
    }

    private static List<AnalysisHashes> Compute(IEnumerable<string> names) =>
        [.. names.AsParallel().AsOrdered().Select(name => AnalysisHashes.Compute(DevelopmentRecordings.Read(name)))];

    private static bool IsContinuousIntegration => Environment.GetEnvironmentVariable("CI") == "true";

    private static bool IsSynthetic(AnalysisHashes golden) =>
        golden.Name.StartsWith(SyntheticPrefix, StringComparison.Ordinal);

    private static AnalysisHashes HashesOf(ClassifiedBeat beat) =>
        AnalysisHashes.Compute(new GoldenRecording("one", 500, null, []), [], [(null, [beat])]);

    private static void AssertSame(IReadOnlyList<AnalysisHashes> golden, IReadOnlyList<AnalysisHashes> actual)
    {
        var differences = GoldenFile.Compare(golden, actual);
        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences)}");
    }
}
