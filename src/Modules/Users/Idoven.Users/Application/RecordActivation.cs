namespace Idoven.Users.Application;

/// <summary>Identity says that an account was activated: from now no activation is issued for it.</summary>
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
