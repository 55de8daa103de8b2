using Idoven.Ecgs.Application.Signals;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Reads the elements of a <c>signal</c> array, the part that is nearly all of a body, straight from its bytes: JSON integers within
/// int32, also with a fraction of zeros such as <c>1.0</c>, commas, white space. It can stop after any byte and go on with the next.
/// </summary>
internal sealed class SignalScanner(SignalEncoder encoder)
{
    private Expect expect;
    private long value;
    private bool isNegative;

    private enum Expect
    {
        ValueOrEnd,
        Value,
        DigitAfterMinus,
        DigitOrEnd,
        EndAfterZero,
        FirstFractionDigit,
        FractionDigitOrEnd,
        CommaOrEnd,
    }

    /// <summary>Samples read since <see cref="Begin"/>.</summary>
    public int Count { get; private set; }

    /// <summary>What was wrong, in words; null while all is well.</summary>
    public string? Error { get; private set; }

    public void Begin()
    {
        expect = Expect.ValueOrEnd;
        Count = 0;
        Error = null;
    }

    /// <summary>Scans until the closing bracket, which is left unread, an error, or the end of the bytes.</summary>
    /// <param name="bytes">The next bytes of the array.</param>
    /// <param name="maxSamples">One sample more ends the scan without an error: the caller refuses it by <see cref="Count"/>.</param>
    /// <returns>How many bytes were read, and whether the bracket comes next.</returns>
    public (int Read, bool AtEnd) Scan(ReadOnlySpan<byte> bytes, long maxSamples)
    {
        var position = 0;
        while (position < bytes.Length)
        {
            var next = bytes[position];
            switch (expect)
            {
                case Expect.ValueOrEnd or Expect.Value:
                    if (next == '-')
                    {
                        (value, isNegative, expect) = (0, true, Expect.DigitAfterMinus);
                    }
                    else if (IsDigit(next))
                    {
                        (value, isNegative) = (next - '0', false);
                        expect = next == '0' ? Expect.EndAfterZero : Expect.DigitOrEnd;
                    }
                    else if (next == ']' && expect == Expect.ValueOrEnd)
                    {
                        return (position, true);
                    }
                    else if (!IsWhiteSpace(next))
                    {
                        return Fail(position, "an integer is expected");
                    }

                    position++;
                    break;

                case Expect.DigitAfterMinus:
                    if (!IsDigit(next))
                    {
                        return Fail(position, "a digit is expected after the minus");
                    }

                    value = next - '0';
                    expect = next == '0' ? Expect.EndAfterZero : Expect.DigitOrEnd;
                    position++;
                    break;

                case Expect.DigitOrEnd:
                    while (IsDigit(next))
                    {
                        value = (value * 10) + (next - '0');
                        if (value > int.MaxValue + (isNegative ? 1L : 0L))
                        {
                            return Fail(position, "the number is outside int32 (-2147483648 to 2147483647)");
                        }

                        if (++position == bytes.Length)
                        {
                            return (position, false);
                        }

                        next = bytes[position];
                    }

                    if (next == '.')
                    {
                        expect = Expect.FirstFractionDigit;
                        position++;
                    }
                    else if (!EndNumber(next))
                    {
                        return (position, false);
                    }

                    break;

                case Expect.EndAfterZero:
                    if (IsDigit(next))
                    {
                        return Fail(position, "a number has no leading zeros");
                    }

                    if (next == '.')
                    {
                        expect = Expect.FirstFractionDigit;
                        position++;
                    }
                    else if (!EndNumber(next))
                    {
                        return (position, false);
                    }

                    break;

                case Expect.FirstFractionDigit or Expect.FractionDigitOrEnd:
                    if (next == '0')
                    {
                        expect = Expect.FractionDigitOrEnd;
                        position++;
                    }
                    else if (IsDigit(next))
                    {
                        return Fail(position, "samples are integers: only zeros may follow the decimal point");
                    }
                    else if (expect == Expect.FirstFractionDigit)
                    {
                        return Fail(position, "a digit is expected after the decimal point");
                    }
                    else if (!EndNumber(next))
                    {
                        return (position, false);
                    }

                    break;

                default:
                    if (Count > maxSamples)
                    {
                        return (position, false);
                    }

                    if (next == ',')
                    {
                        expect = Expect.Value;
                    }
                    else if (next == ']')
                    {
                        return (position, true);
                    }
                    else if (!IsWhiteSpace(next))
                    {
                        return Fail(position, "a comma or the end of the array is expected");
                    }

                    position++;
                    break;
            }
        }

        return (position, false);
    }

    /// <summary>Takes the number that ends before this byte; false where no number can end so.</summary>
    private bool EndNumber(byte next)
    {
        if (next is (byte)'e' or (byte)'E')
        {
            Error = "samples are integers without an exponent";
            return false;
        }

        if (next is not ((byte)',' or (byte)']') && !IsWhiteSpace(next))
        {
            Error = "a comma or the end of the array is expected";
            return false;
        }

        encoder.Room[0] = (int)(isNegative ? -value : value);
        encoder.Advance(1);
        Count++;
        expect = Expect.CommaOrEnd;
        return true;
    }

    private (int Read, bool AtEnd) Fail(int position, string error)
    {
        Error = error;
        return (position, false);
    }

    private static bool IsDigit(byte b) => (uint)(b - '0') <= 9;

    private static bool IsWhiteSpace(byte b) => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';
}
