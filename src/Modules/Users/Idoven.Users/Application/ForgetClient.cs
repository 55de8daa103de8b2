namespace Idoven.Users.Application;

/// <summary>Deletes the idempotency keys of a deleted machine client.</summary>
internal sealed class ForgetClientHandler(IUsers users)
{
    public async Task Handle(string clientId, CancellationToken ct)
    {
        await users.ForgetRequests($"client:{clientId}", ct);
        await users.Save(ct);
    }
}
