namespace Offenders.Cycles.First;

/// <summary>Uses a constant of another namespace, of which no trace is left in compiled code.</summary>
internal static class First
{
    // The compiler inlines it.
    public const int Limit = Second.Second.Limit + Outside.Outside.Limit;
}
