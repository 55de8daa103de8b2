namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>
/// Functions computed with + - * / alone, which IEEE 754 rounds identically on every platform. <see cref="Math"/> uses the C library,
/// whose last bit differs between platforms, and one bit can change how a sample is rounded.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.693147180559945309;
    private const double SquareRootOf2 = 1.41421356237309505;
    private const double Turn = 6.28318530717958648;

    /// <summary>Returns e to the power of <paramref name="x"/> with a relative error below 1e-14; 0 below -700.</summary>
    public static double Exp(double x)
    {
        if (x < -700)
        {
            return 0;
        }

        // x = n ln 2 + r, |r| <= 0.35, and the series of e^r.
        var n = Math.Round(x / Ln2);
        var r = x - (n * Ln2);
        var sum = 1.0;
        for (var k = 14; k > 0; k--)
        {
            sum = 1 + (sum * r / k);
        }

        return Math.ScaleB(sum, (int)n);
    }

    /// <summary>Returns the natural logarithm of a positive normal number with an error below 1e-14.</summary>
    public static double Log(double x)
    {
        // x = m 2^e, m about 1, and log m = 2 artanh((m - 1) / (m + 1)).
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > SquareRootOf2)
        {
            mantissa /= 2;
            exponent++;
        }

        var s = (mantissa - 1) / (mantissa + 1);
        var sum = 0.0;
        for (var k = 21; k > 0; k -= 2)
        {
            sum = (sum * s * s) + (1.0 / k);
        }

        return (2 * s * sum) + (exponent * Ln2);
    }

    /// <summary>Returns the sine of an angle in turns (1 = 360 degrees) with an error below 1e-14 for a few turns.</summary>
    public static double SinOfTurns(double turns)
    {
        var folded = turns - Math.Round(turns);
        folded = folded > 0.25 ? 0.5 - folded : folded < -0.25 ? -0.5 - folded : folded;
        var x = Turn * folded;
        var sum = 1.0;
        for (var k = 20; k > 0; k -= 2)
        {
            sum = 1 - (sum * x * x / (k * (k + 1)));
        }

        return x * sum;
    }
}
