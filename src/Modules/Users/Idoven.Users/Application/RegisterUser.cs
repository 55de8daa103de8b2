using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

internal sealed record RegisterUser(Guid Id, string Username, string? Email, string? DisplayName, string Role);

internal sealed class RegisterUserHandler(IUsers users, [FromKeyedServices(UsersModule.Name)] IOutbox outbox, TimeProvider clock)
{
    /// <returns>The user; null where the username or e-mail address is taken.</returns>
    /// <exception cref="ArgumentException">A value breaks a rule.</exception>
    public async Task<User?> Handle(RegisterUser command, CancellationToken ct)
    {
        var user = User.Register(command.Id, command.Username, command.Email, command.DisplayName, command.Role, clock.GetUtcNow());
        users.Add(user);
        outbox.Add(
            new UserRegistered(user.Id, user.Version, user.Username, user.Email, user.Role, ActivationTokenHash: null, ActivationExpiresAt: null),
            user.Id);
        return await users.Save(ct) ? user : null;
    }
}
