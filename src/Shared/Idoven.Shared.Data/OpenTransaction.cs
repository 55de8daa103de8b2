namespace Idoven.Shared.Data;

/// <summary>
/// Represents an open transaction of a module. A method that takes one does its work in it and commits nothing; the port that began it
/// commits it. Only <see cref="ModuleTransaction{TDb}"/> creates it, so that a call without an open transaction does not compile.
/// </summary>
public sealed class OpenTransaction
{
    private bool hasEnded;

    internal OpenTransaction()
    {
    }

    /// <exception cref="InvalidOperationException">The transaction was committed or rolled back.</exception>
    public void ThrowIfEnded()
    {
        if (hasEnded)
        {
            throw new InvalidOperationException("The transaction was committed or rolled back.");
        }
    }

    internal void End() => hasEnded = true;
}
