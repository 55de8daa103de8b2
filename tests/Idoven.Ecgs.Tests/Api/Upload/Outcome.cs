using System.IO.Pipelines;
using System.Security.Cryptography;
using Idoven.Ecgs.Api.Upload;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Idoven.Ecgs.Infrastructure;

namespace Idoven.Ecgs.Tests.Api.Upload;

/// <summary>Represents the result of reading a body: a recording with its samples, or a rejection.</summary>
internal sealed record Outcome(Recording? Recording, IReadOnlyList<int[]> Samples, UploadException? Rejection)
{
    public static readonly UploadLimits Limits = new(MaxSamples: 1_000_000, MaxBodyBytes: 16 << 20);

    public static async Task<Outcome> Read(PipeReader body, UploadLimits? limits = null)
    {
        using var encoder = new SignalEncoder(new SignalBudget(64 << 20, share: 64 << 20).ForCaller(""), new SignalCodec());
        try
        {
            var recording = await new UploadReader(encoder, limits ?? Limits).Read(body, TestContext.Current.CancellationToken);
            return new Outcome(recording, Decode(recording, encoder.Blocks), null);
        }
        catch (UploadException e)
        {
            return new Outcome(null, [], e);
        }
        finally
        {
            Assert.False(body is Arrival.Watched { IsReading: true }, "The body is left in the middle of a read.");
        }
    }

    public static Task<Outcome> Read(string body) => Read(Arrival.Whole(System.Text.Encoding.UTF8.GetBytes(body)));

    private static List<int[]> Decode(Recording recording, IReadOnlyList<SignalBlock> blocks)
    {
        var leads = recording.Leads.Select(lead => new int[lead.Samples]).ToList();
        foreach (var lead in blocks.GroupBy(block => block.LeadNumber))
        {
            var from = 0;
            foreach (var (block, number) in lead.Select((block, number) => (block, number)))
            {
                Assert.Equal(number, block.BlockNumber);
                SignalCodec.Decode(block.Encoding, block.Bytes.Span, leads[lead.Key].AsSpan(from, block.Samples));
                from += block.Samples;
            }

            Assert.Equal(leads[lead.Key].Length, from);
        }

        Assert.Equal(leads.Count, blocks.Select(block => block.LeadNumber).Distinct().Count());
        return leads;
    }

    /// <summary>Returns the result as one text, to compare two readers.</summary>
    public string Text(byte[] body) => Recording is null
        ? Rejection!.Rejection.ToString()
        : Accepted(Recording.Date, Recording.SamplingFrequency, Recording.Unit, Recording.Gain, Recording.AdcZero, Recording.ExternalId,
            Recording.Leads.Select((lead, number) => (lead.Name, Samples[number]))) + Hash(body, Recording.BodySha256);

    public static string Accepted(
        DateTimeOffset date, double? samplingFrequency, string? unit, double? gain, int? adcZero, string? externalId,
        IEnumerable<(string Name, int[] Samples)> leads)
    {
        var signals = string.Join(' ', leads.Select(lead => $"'{lead.Name}'[{string.Join(',', lead.Samples)}]"));
        return FormattableString.Invariant($"{date:O} {samplingFrequency} '{unit}' {gain} {adcZero} '{externalId}' {signals}");
    }

    private static string Hash(byte[] body, byte[] sha256) =>
        SHA256.HashData(body).SequenceEqual(sha256) ? "" : " but with another SHA-256";
}
