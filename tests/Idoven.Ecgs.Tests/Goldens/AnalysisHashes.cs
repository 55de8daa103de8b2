using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Api.Download;
using Idoven.Ecgs.Infrastructure;

namespace Idoven.Ecgs.Tests.Goldens;

/// <summary>SHA-256 of a recording's samples and of all that its analysis stores and returns.</summary>
/// <param name="Name">The recording's name.</param>
/// <param name="Samples">Of the samples of all leads: when it differs, the recording is another one.</param>
/// <param name="Document">Of the insight document in JSON.</param>
/// <param name="Beats">Of the beat lists in JSON, as the API returns them: all leads together, then each lead.</param>
/// <param name="StoredBeats">Of the same lists in the bytes that are stored.</param>
internal sealed record AnalysisHashes(string Name, string Samples, string Document, string Beats, string StoredBeats)
{
    // Hours: no insight may miss its time on a busy machine.
    private static readonly TimeBudget Unhurried = new(TimeSpan.FromHours(1), TimeSpan.Zero, TimeProvider.System);

    public static AnalysisHashes Compute(GoldenRecording recording)
    {
        var info = new RecordingInfo(recording.SamplingFrequency, recording.AdcZero);
        var engine = new AnalysisEngine(budget: Unhurried);
        var leads = recording.Leads.Select(lead => engine.Analyze(new LeadSignal(lead.Name, lead.Samples, info))).ToList();
        var document = engine.Conclude(info, leads);
        IReadOnlyList<(string? Lead, IReadOnlyList<ClassifiedBeat>? Beats)> lists =
            [(null, document.Beats), .. recording.Leads.Zip(document.LeadBeats, (lead, beats) => ((string?)lead.Name, beats))];
        return Compute(recording, document.ToJson(), lists);
    }

    public static AnalysisHashes Compute(
        GoldenRecording recording, byte[] document, IReadOnlyList<(string? Lead, IReadOnlyList<ClassifiedBeat>? Beats)> lists)
    {
        var stored = lists.Select(list => list.Beats is null ? null : BeatCodec.Encode(list.Beats)).ToList();
        var returned = lists.Zip(stored, (list, bytes) => bytes is null
            ? null
            : BeatFormat.Write(BeatFormat.Json, list.Lead, AnalysisEngine.Version, recording.SamplingFrequency, BeatCodec.Decode(bytes)));
        return new AnalysisHashes(
            recording.Name,
            Hash(recording.Leads.Select(lead => MemoryMarshal.AsBytes(lead.Samples.AsSpan()).ToArray())),
            Hash([document]),
            Hash(returned),
            Hash(stored));
    }

    public static AnalysisHashes Parse(string line) => line.Split(' ') is [var name, var samples, var document, var beats, var stored]
        ? new AnalysisHashes(name, samples, document, beats, stored)
        : throw new FormatException($"'{line}' is not a name and four hashes.");

    public override string ToString() => $"{Name} {Samples} {Document} {Beats} {StoredBeats}";

    /// <summary>Each part after its length, or after -1 if it is missing, so that no two lists have the same bytes.</summary>
    private static string Hash(IEnumerable<byte[]?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, part?.Length ?? -1);
            hash.AppendData(length);
            hash.AppendData(part ?? []);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
