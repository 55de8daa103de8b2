using System.Text;
using Idoven.Ecgs.Api.Upload;

namespace Idoven.Ecgs.Tests.Api.Upload;

/// <summary>Compares the reader with a second implementation on System.Text.Json, for mutated bodies.</summary>
public sealed class UploadDifferentialTests
{
    private const int Bodies = 1100;

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public async Task Mutated_bodies_get_the_reference_verdict_for_every_split(int seed)
    {
        var mutations = new BodyMutations(seed);
        var random = new Random(seed);
        int accepted = 0, broken = 0;
        for (var number = 0; number < Bodies; number++)
        {
            var body = mutations.Next();
            var reference = ReferenceUpload.Read(body);
            accepted += reference.Verdict != "Invalid" ? 1 : 0;
            broken += reference.IsJson ? 0 : 1;

            foreach (var (way, arrival) in Ways(body, random))
            {
                var outcome = await Outcome.Read(arrival);
                var context = $"Seed {seed}, body {number} {way}:\n{Encoding.UTF8.GetString(body)}";
                Assert.True(
                    reference.Verdict == outcome.Text(body),
                    $"{context}\nreference: {reference.Verdict}\nreader: {outcome.Text(body)} {outcome.Rejection?.Message}");
                Assert.True(
                    !reference.IsJson || outcome.Rejection is null || reference.Broken.Contains(outcome.Rejection.Pointer!),
                    $"{context}\nreference: {string.Join(' ', reference.Broken)}\n"
                    + $"reader: {outcome.Rejection?.Pointer} {outcome.Rejection?.Message}");
            }
        }

        // The bodies must be a mixture: accepted ones, malformed JSON, and JSON that breaks a rule.
        Assert.True(accepted > Bodies / 20, $"{accepted} bodies were accepted");
        Assert.True(broken > Bodies / 10, $"{broken} bodies were malformed JSON");
        Assert.True(Bodies - accepted - broken > Bodies / 10, $"{Bodies - accepted - broken} bodies were JSON that breaks a rule");
    }

    private static IEnumerable<(string Way, System.IO.Pipelines.PipeReader Body)> Ways(byte[] body, Random random)
    {
        yield return ("whole", Arrival.Whole(body));
        yield return ("in segments", Arrival.InSegments(body, () => random.Next(1, 9)));
        yield return ("byte by byte", Arrival.InReads(body, () => 1));
        yield return ("in reads", Arrival.InReads(body, () => random.Next(1, 40)));
    }
}
