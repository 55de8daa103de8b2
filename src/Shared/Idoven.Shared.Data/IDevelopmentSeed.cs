namespace Idoven.Shared.Data;

/// <summary>A module's half of the demo users and clients.</summary>
public interface IDevelopmentSeed
{
    /// <summary>Creates what is missing, at every start of a host that has demo access; what was removed stays removed.</summary>
    Task Seed(CancellationToken ct);

    /// <summary>Returns the names of the demo users and clients that the module's database has.</summary>
    Task<IReadOnlyList<string>> List(CancellationToken ct);

    /// <summary>Removes them with all that they own.</summary>
    Task Remove(CancellationToken ct);
}
