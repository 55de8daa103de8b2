namespace Idoven.Ecgs.Domain;

/// <summary>The name of this module: its schema, the prefix of its queues, and the key of its keyed services.</summary>
internal static class ModuleName
{
    public const string Value = "ecgs";
}
