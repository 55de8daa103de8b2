using System.Buffers.Binary;
using System.Text;
using Idoven.Cli.Errors;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Cli.Recordings.Wfdb;

/// <summary>Represents a reference beat.</summary>
/// <param name="Sample">The position, in samples.</param>
/// <param name="Class">The class; null for fusion, paced and unclassifiable beats.</param>
internal sealed record ReferenceBeat(double Sample, BeatClass? Class);

/// <summary>Represents the beats of an annotation file in MIT format, and the ranges in which EC57 does not score beats.</summary>
/// <param name="Beats">The beats in order of time.</param>
/// <param name="Flutter">The ranges of ventricular flutter or fibrillation, from <c>[</c> to <c>]</c>.</param>
/// <param name="IsPaced">Whether there are paced beats.</param>
internal sealed record WfdbAnnotations(IReadOnlyList<ReferenceBeat> Beats, IReadOnlyList<SampleRange> Flutter, bool IsPaced)
{
    private const int Skip = 59, Number = 60, Subtype = 61, Channel = 62, Text = 63;

    // The mnemonic of each annotation type, by the numbers in WFDB's ecgcodes.h.
    private const string Codes = " NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r";

    /// <summary>Reads an annotation file.</summary>
    /// <exception cref="BadFileException">The file is incomplete.</exception>
    public static WfdbAnnotations Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var beats = new List<ReferenceBeat>();
        var flutter = new List<SampleRange>();
        var (isPaced, position) = (false, 0L);
        long? opened = null;
        for (var i = 0; ;)
        {
            if (i + 1 >= bytes.Length)
            {
                throw new BadFileException(path, null, "The annotations have no end marker.");
            }

            var word = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(i));
            i += 2;
            var (type, interval) = (word >> 10, word & 1023);
            switch (type)
            {
                case 0 when interval == 0:
                    return new WfdbAnnotations(beats, flutter, isPaced);
                case Skip when i + 4 <= bytes.Length:
                    position += BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(i)) << 16;
                    position += BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(i + 2));
                    i += 4;
                    continue;
                case Number or Subtype or Channel:
                    continue;
                case Text:
                    i += interval + (interval & 1);
                    continue;
                case Skip:
                    throw new BadFileException(path, null, "The last annotation is incomplete.");
            }

            position += interval;
            var code = type < Codes.Length ? Codes[type] : ' ';
            if (code == '[')
            {
                opened = position;
            }
            else if (code == ']' && opened is { } first)
            {
                flutter.Add(new SampleRange(first, position));
                opened = null;
            }
            else if ("NLRaVFJASEj/Q?Benrf".Contains(code, StringComparison.Ordinal))
            {
                isPaced |= code == '/';
                beats.Add(new ReferenceBeat(position, ToBeatClass(code)));
            }
        }
    }

    private static BeatClass? ToBeatClass(char code) => code switch
    {
        'N' or 'L' or 'R' or 'B' or 'e' or 'j' => BeatClass.N,
        'A' or 'a' or 'J' or 'S' or 'n' => BeatClass.S,
        'V' or 'E' or 'r' => BeatClass.V,
        _ => null,
    };
}
