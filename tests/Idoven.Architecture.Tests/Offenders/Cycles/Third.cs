namespace Offenders.Cycles.Third;

internal static class Third
{
    /// <summary>Closes the cycle of three namespaces.</summary>
    public static readonly Type Type = typeof(First.First);

    public static int Twice(this int number) => 2 * number;
}
