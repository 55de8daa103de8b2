namespace Idoven.Architecture.Tests.Language;

/// <summary>Represents a line that breaks a rule of language, and why.</summary>
internal sealed record Offence(string Path, int Line, string Reason)
{
    /// <summary>Returns what an editor can jump to, followed by the reason.</summary>
    public override string ToString() => $"{Path}:{Line}: {Reason}";
}
