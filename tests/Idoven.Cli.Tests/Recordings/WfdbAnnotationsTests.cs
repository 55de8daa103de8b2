using System.Buffers.Binary;
using Idoven.Cli.Errors;
using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Cli.Tests.Recordings;

public sealed class WfdbAnnotationsTests : IDisposable
{
    private const int Normal = 1, Ventricular = 5, Paced = 12, FlutterStart = 32, FlutterEnd = 33, Skip = 59, Number = 60, Text = 63;
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Intervals_add_up_and_SKIP_adds_32_bits_with_the_high_word_first()
    {
        var annotations = Read(
            Word(Normal, 77), Word(Skip, 0), 0x0003, 0x04F5, Word(Ventricular, 10), Word(Skip, 0), 0xFFFF, 0xFFF6, Word(Normal, 20));

        Assert.Equal(
            [
                new ReferenceBeat(77, BeatClass.N),
                new ReferenceBeat(77 + 0x304F5 + 10, BeatClass.V),
                new ReferenceBeat(77 + 0x304F5 + 10 - 10 + 20, BeatClass.N),
            ],
            annotations.Beats);
        Assert.False(annotations.IsPaced);
    }

    [Fact]
    public void Ventricular_flutter_lasts_from_its_opening_to_its_closing_bracket()
    {
        var annotations = Read(
            Word(Normal, 100), Word(FlutterStart, 100), Word(FlutterEnd, 50), Word(FlutterEnd, 5),
            Word(FlutterStart, 45), Word(FlutterStart, 100), Word(FlutterEnd, 10));

        Assert.Equal([new SampleRange(200, 250), new SampleRange(400, 410)], annotations.Flutter);
        Assert.Single(annotations.Beats);
    }

    [Fact]
    public void Paced_beats_have_no_class_and_text_and_modifiers_do_not_advance_the_position()
    {
        var annotations = Read(Word(Text, 3), 0x4128, 0x0042, Word(Number, 1000), Word(Paced, 5));

        Assert.Equal([new ReferenceBeat(5, null)], annotations.Beats);
        Assert.True(annotations.IsPaced);
    }

    [Fact]
    public void Incomplete_file_is_rejected()
    {
        var noEnd = Assert.Throws<BadFileException>(() => ReadWords(Word(Normal, 5)));
        Assert.Contains("no end marker", noEnd.Message, StringComparison.Ordinal);
        var incomplete = Assert.Throws<BadFileException>(() => ReadWords(Word(Skip, 0), 1));
        Assert.Contains("incomplete", incomplete.Message, StringComparison.Ordinal);
    }

    private static int Word(int type, int interval) => (type << 10) | interval;

    private WfdbAnnotations Read(params int[] words) => ReadWords([.. words, 0]);

    private WfdbAnnotations ReadWords(params int[] words)
    {
        var bytes = new byte[2 * words.Length];
        foreach (var (index, word) in words.Index())
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * index), (ushort)word);
        }

        return WfdbAnnotations.Read(files.Write("r.atr", bytes));
    }
}
