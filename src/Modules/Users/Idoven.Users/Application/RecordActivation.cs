namespace Idoven.Users.Application;

/// <summary>Records that an account was activated, so that no further activation is issued.</summary>
internal sealed class RecordActivationHandler(IUsers users)
{
    public async Task Handle(Guid userId, DateTimeOffset at, CancellationToken ct)
    {
        if (await users.Lock(userId, ct) is { ActivatedAt: null } user)
        {
            user.Activate(at);
        }

        await users.Save(ct);
    }
}
