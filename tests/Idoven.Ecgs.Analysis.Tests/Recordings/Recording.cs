using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Recordings;

/// <summary>A recording with its reference annotations.</summary>
internal sealed record Recording(string Name, double SamplingFrequency, IReadOnlyList<Lead> Leads, IReadOnlyList<Annotation> Annotations)
{
    public IReadOnlyList<double> ReferenceBeats => [.. Annotations.Where(a => a.IsBeat).Select(a => (double)a.Sample)];

    /// <summary>Gets the ranges of ventricular flutter or fibrillation, from <c>[</c> to <c>]</c>, whose beats are not scored.</summary>
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

    /// <summary>Gets other ranges that the database excludes from scoring, besides <see cref="Flutter"/>.</summary>
    public IReadOnlyList<SampleRange> Masked { get; init; } = [];

    public override string ToString() => Name;
}

internal sealed record Lead(string Name, int[] Samples)
{
    /// <summary>Gets the marks on this lead alone; null if the database has none.</summary>
    public IReadOnlyList<double>? ReferenceBeats { get; init; }
}

/// <summary>An annotation of a database.</summary>
/// <param name="Sample">Its position in samples.</param>
/// <param name="Code">The mnemonic of WFDB.</param>
/// <param name="Text">Its text, such as the name of a rhythm.</param>
internal sealed record Annotation(int Sample, char Code, string? Text = null)
{
    public bool IsBeat => "NLRaVFJASEj/Q?Benfr".Contains(Code, StringComparison.Ordinal);

    /// <summary>Gets the class by EC57; null for fusion, paced and unclassifiable beats.</summary>
    public BeatClass? Class => Code switch
    {
        'N' or 'L' or 'R' or 'B' or 'e' or 'j' => BeatClass.N,
        'A' or 'a' or 'J' or 'S' or 'n' => BeatClass.S,
        'V' or 'E' or 'r' => BeatClass.V,
        _ => null,
    };
}
