namespace Offenders.Cycles.Outside;

/// <summary>Is used by a namespace in the cycle and is not in the cycle itself.</summary>
internal static class Outside
{
    public const int Limit = 4;
}
