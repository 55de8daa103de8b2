namespace Idoven.Shared.Data;

/// <summary>Creates the demo users and clients of a module.</summary>
public interface IDevelopmentSeed
{
    /// <summary>Creates the missing ones, at every start of a host with demo access. Removed ones are not created again.</summary>
    Task Seed(CancellationToken ct);

    /// <summary>Returns the names of the demo users and clients that the module's database has.</summary>
    Task<IReadOnlyList<string>> List(CancellationToken ct);

    /// <summary>Removes them with all that they own.</summary>
    Task Remove(CancellationToken ct);
}
