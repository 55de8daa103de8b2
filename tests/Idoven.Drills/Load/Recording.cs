using System.Text;

namespace Idoven.Drills.Load;

/// <summary>Creates the bodies of uploads.</summary>
internal static class Recording
{
    private const int SamplingFrequency = 250;

    /// <summary>Creates a recording of random size: mostly one lead of some seconds, sometimes twelve.</summary>
    public static string Body(Random random, string externalId)
    {
        var (leads, samples) = random.Next(20) switch
        {
            < 14 => (1, random.Next(300, 1500)),
            < 19 => (3, 1000),
            _ => (12, 5000),
        };
        return Body(externalId, Enumerable.Range(0, leads).Select(_ => Lead(random, samples)));
    }

    public static string Body(string externalId, IEnumerable<IEnumerable<int>> leads)
    {
        var text = new StringBuilder($$"""{"date":"2026-11-23T10:15:00+01:00","samplingFrequency":{{SamplingFrequency}}""")
            .Append($$""","externalId":"{{externalId}}","leads":[""");
        foreach (var (number, signal) in leads.Index())
        {
            text.Append(number == 0 ? "" : ",").Append($$"""{"name":"L{{number}}","signal":[""").AppendJoin(',', signal).Append("]}");
        }

        return text.Append("]}").ToString();
    }

    public static string Malformed(Random random, string externalId)
    {
        var start = $$"""{"date":"2026-11-23T10:15:00+01:00","externalId":"{{externalId}}","leads":[""";
        return start + random.Next(4) switch
        {
            0 => "]}",
            1 => """{"name":"I","signal":[1,2,"three"]}]}""",
            2 => """{"name":"I","signal":[1,2,3]}],"colour":"red"}""",
            _ => """{"name":"I","signal":[1,2,3""",
        };
    }

    /// <summary>Creates a lead with one pulse a second, slow waves and noise.</summary>
    private static IEnumerable<int> Lead(Random random, int samples)
    {
        var noise = new Random(random.Next());
        for (var i = 0; i < samples; i++)
        {
            var pulse = i % SamplingFrequency is > 100 and < 110 ? 900 : 0;
            yield return pulse + (int)(80 * Math.Sin(i / 40.0)) + noise.Next(-15, 16);
        }
    }
}
