using System.Globalization;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Cli;

/// <summary>Prints beats, rhythm and quality of an insight document, one line for each subject.</summary>
internal static class InsightSummary
{
    public static void Write(TextWriter output, JsonElement document)
    {
        var global = document.GetProperty("global");
        void Line(string subject, string? what)
        {
            if (what is not null)
            {
                output.WriteLine($"{subject,-13} {what}");
            }
        }

        Line("beats", Beats(document, Of<BeatSummary>(global, "beats")));
        Line("heart rate", Rate(Of<RhythmSummary>(global, "rhythm")));
        Line("ectopic", Ectopy(Of<Ectopy>(global, "ectopy")));
        Line("fibrillation", Fibrillation(Of<PossibleAtrialFibrillation>(global, "possibleAtrialFibrillation")));
        Line("variability", Variability(Of<HrvSummary>(global, "hrv")));
        Line("flags", Of<RhythmSummary>(global, "rhythm") is { } rhythm ? rhythm.Flags.Count > 0 ? string.Join(", ", rhythm.Flags) : "none" : null);
        foreach (var lead in document.GetProperty("leads").EnumerateArray())
        {
            Line("quality", Of<LeadQuality>(lead, "quality") is { } quality ? $"{lead.GetProperty("name").GetString()}: {Quality(quality)}" : null);
        }
    }

    private static string? Beats(JsonElement document, BeatSummary? beats)
    {
        var leads = document.GetProperty("leads").EnumerateArray().Select(lead => (Name: lead.GetProperty("name").GetString(), Beats: Of<BeatSummary>(lead, "beats")))
            .Where(lead => lead.Beats is not null).Select(lead => $"{lead.Name} {lead.Beats!.Count:N0}").ToList();
        return beats is null ? null : Text($"{beats.Count:N0} of all leads together; {string.Join(", ", leads)}");
    }

    private static string? Rate(RhythmSummary? rhythm) => rhythm is null ? null
        : Text($"{rhythm.HeartRate.MeanBpm:F1} bpm on average{Extremes(rhythm.HeartRate)}; {rhythm.Pauses.Count} pauses of 2 s and more");

    private static string Extremes(HeartRate rate) => rate is { Minimum10sBpm: { } low, Maximum10sBpm: { } high } ? Text($", {low:F0} to {high:F0} over 10 s") : "";

    private static string? Ectopy(Ectopy? ectopy) => ectopy is null ? null : $"ventricular {Kind(ectopy.Ventricular)}; supraventricular {Kind(ectopy.Supraventricular)}";

    private static string Kind(EctopicBeats beats) => beats.Count == 0 ? "none" : Text(
        $"{beats.Count:N0} ({beats.BurdenPercent:0.##} % of the beats; {beats.Couplets} couplets, {beats.RunCount} runs, {beats.BigeminyCount} times bigeminy)");

    private static string? Fibrillation(PossibleAtrialFibrillation? found) => found is null ? null
        : found.EpisodeCount == 0 ? "none found" : Text($"possible: {found.EpisodeCount} episodes, {found.BurdenPercent:F1} % of the time");

    private static string? Variability(HrvSummary? hrv) => hrv is null ? null
        : Text($"SDNN {hrv.Time.SdnnMs:F1} ms, RMSSD {hrv.Time.RmssdMs:F1} ms, pNN50 {hrv.Time.Pnn50Percent:F1} %, from {hrv.Time.NnCount:N0} intervals");

    private static string Quality(LeadQuality quality) => Text(
        $"{quality.Class.ToString().ToLowerInvariant()} ({quality.Score:F2}), {quality.UsablePercent:F0} % usable{(quality.Reasons.Count > 0 ? $"; {string.Join(", ", quality.Reasons)}" : "")}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static T? Of<T>(JsonElement parent, string name)
        where T : class => parent.TryGetProperty(name, out var value) ? value.Deserialize<T>(JsonSerializerOptions.Web) : null;
}
