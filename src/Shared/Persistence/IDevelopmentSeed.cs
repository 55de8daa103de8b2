namespace Idoven.Shared.Persistence;

/// <summary>A module's half of the demo users and clients. Run in Development only, at every start; repeating it changes nothing.</summary>
public interface IDevelopmentSeed
{
    Task Seed(CancellationToken ct);
}
