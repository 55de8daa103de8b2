namespace Idoven.Users.Application;

/// <summary>A machine client was removed: what is left of its requests here goes with it.</summary>
internal sealed class ForgetClientHandler(IUsers users)
{
    public async Task Handle(string clientId, CancellationToken ct)
    {
        await users.ForgetRequests($"client:{clientId}", ct);
        await users.Save(ct);
    }
}
