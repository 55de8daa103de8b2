using Offenders.Cycles.Third;

namespace Offenders.Cycles.Second;

/// <summary>Uses an extension method of another namespace, whose class it does not name.</summary>
internal static class Second
{
    public const int Limit = 3;

    public static int Double(int number) => number.Twice();
}
