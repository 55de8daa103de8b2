namespace Idoven.Ecgs.Application;

/// <summary>The subjects that own or owned ECGs.</summary>
internal interface IOwners
{
    /// <summary>
    /// One transaction: from its commit on the owner stores nothing more, and what is stored is due to be erased. Uploads under way are
    /// waited for. Repeating it changes nothing.
    /// </summary>
    Task Erase(string ownerId, DateTimeOffset now, CancellationToken ct);
}
