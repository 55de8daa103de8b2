using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Recordings;

/// <summary>A recording with its reference annotations.</summary>
internal sealed record Recording(string Name, double SamplingFrequency, IReadOnlyList<Lead> Leads, IReadOnlyList<Annotation> Annotations)
{
    public IReadOnlyList<double> ReferenceBeats => [.. Annotations.Where(a => a.IsBeat).Select(a => (double)a.Sample)];

    /// <summary>Ventricular flutter or fibrillation, from <c>[</c> to <c>]</c>: beats are not scored there.</summary>
    public IReadOnlyList<SampleRange> Flutter
    {
        get
        {
            var ranges = new List<SampleRange>();
            int? start = null;
            foreach (var annotation in Annotations)
            {
                if (annotation.Code == '[')
                {
                    start = annotation.Sample;
                }
                else if (annotation.Code == ']' && start is { } from)
                {
                    ranges.Add(new SampleRange(from, annotation.Sample));
                    start = null;
                }
            }

            return ranges;
        }
    }

    /// <summary>What the database says is not to be scored, beside <see cref="Flutter"/>.</summary>
    public IReadOnlyList<SampleRange> Masked { get; init; } = [];

    public override string ToString() => Name;
}

internal sealed record Lead(string Name, int[] Samples)
{
    /// <summary>Marks made on this lead alone, where the database has them.</summary>
    public IReadOnlyList<double>? ReferenceBeats { get; init; }
}

/// <param name="Sample">Its position.</param>
/// <param name="Code">WFDB's mnemonic.</param>
/// <param name="Text">The text beside it: a rhythm's name.</param>
internal sealed record Annotation(int Sample, char Code, string? Text = null)
{
    public bool IsBeat => "NLRaVFJASEj/Q?Benfr".Contains(Code, StringComparison.Ordinal);

    /// <summary>Of the classes of EC57 the three that are looked for; null for fusion, paced and unclassifiable beats.</summary>
    public BeatClass? Class => Code switch
    {
        'N' or 'L' or 'R' or 'B' or 'e' or 'j' => BeatClass.N,
        'A' or 'a' or 'J' or 'S' or 'n' => BeatClass.S,
        'V' or 'E' or 'r' => BeatClass.V,
        _ => null,
    };
}
