using Idoven.Ecgs.Application.Signals;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Reads the elements of a <c>signal</c> array, which is nearly all of a body, directly from its bytes: JSON integers within int32, also
/// with a fraction of zeros such as <c>1.0</c>, commas and white space. It can stop after any byte and continue with the next.
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

    /// <summary>Gets the number of samples read since <see cref="Begin"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the description of the error; null if there is none.</summary>
    public string? Error { get; private set; }

    public void Begin()
    {
        expect = Expect.ValueOrEnd;
        Count = 0;
        Error = null;
    }

    /// <summary>Scans up to the closing bracket (not included), an error, or the end of the bytes.</summary>
    /// <param name="bytes">The next bytes of the array.</param>
    /// <param name="maxSamples">The scan ends after one more sample without an error; the caller rejects it by <see cref="Count"/>.</param>
    /// <returns>The number of bytes that were read, and whether the bracket is next.</returns>
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

    /// <summary>Adds the number that ends before this byte.</summary>
    /// <returns>False if a number cannot end before this byte.</returns>
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

        encoder.FreeSpace[0] = (int)(isNegative ? -value : value);
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
