using System.Text.Json;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Messaging.Outbox;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Application;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Idoven.Users.Infrastructure;

/// <summary>
/// Registers a superadmin at the first start without demo accounts, and writes its activation to a file that only the user of the host can
/// read, never to a log. An expired activation is replaced at the next start.
/// </summary>
internal sealed class AppointFirstSuperadmin(
    IServiceScopeFactory scopes, IConfiguration configuration, DemoAccess demo, PublicAddress address, TimeProvider clock,
    ILogger<AppointFirstSuperadmin> logger) : IHostedService
{
    private const string FileKey = "Users:FirstSuperadmin:ActivationFile";
    private const string UsernameKey = "Users:FirstSuperadmin:Username";
    private const string DefaultUsername = "superadmin";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (demo.IsAllowed)
        {
            return;
        }

        await using var scope = scopes.CreatePatientScope();
        var users = scope.ServiceProvider.GetRequiredService<IUsers>();
        var outbox = scope.ServiceProvider.GetRequiredService<IUsersOutbox>();
        var auditLog = scope.ServiceProvider.GetRequiredService<IUsersAuditLog>();
        var now = clock.GetUtcNow();

        // The lock is held until the end, so that the second of two hosts that start at the same time finds the superadmin of the first.
        var superadmins = await users.LockSuperadmins(cancellationToken);
        if (superadmins.Any(user => user.ActivatedAt is not null || user.ActivationExpiresAt > now))
        {
            return;
        }

        if (configuration[FileKey] is not { Length: > 0 } path)
        {
            logger.LogWarning(
                "There is no superadmin. Set {Key} to a path, and the next start registers one and writes its activation there", FileKey);
            return;
        }

        var activation = Activation.Issue(now);
        var user = superadmins.Count > 0 ? Reissue(superadmins[0], activation, outbox) : Register(users, activation, outbox, now);
        auditLog.Add(new AuditEntry(superadmins.Count > 0 ? AuditActions.IssueActivation : AuditActions.RegisterUser, $"{user.Id}"));
        Write(path, user.Username, activation);
        try
        {
            await users.Save(cancellationToken);
        }
        catch (Exception e)
        {
            // The token in the file will never be valid.
            File.Delete(path);
            if (e is UserRejectedException)
            {
                throw new ConfigurationException($"{UsernameKey}: the username {user.Username} is taken. Set another one.");
            }

            throw;
        }

        logger.LogWarning("The activation of the first superadmin is in {Path}. Delete the file after using it", path);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private User Register(IUsers users, Activation activation, IOutbox outbox, DateTimeOffset now)
    {
        try
        {
            var name = configuration[UsernameKey] ?? DefaultUsername;
            var user = User.Register(Guid.CreateVersion7(now), name, email: null, displayName: null, UserRole.Superadmin, activation, now);
            users.Add(user);
            outbox.Add(
                new UserRegistered(
                    user.Id, user.Version, user.Username, user.Email, user.Role, activation.TokenHash, activation.ExpiresAt),
                user.Id);
            return user;
        }
        catch (UserRuleException e)
        {
            throw new ConfigurationException($"{UsernameKey}: {e.Message}");
        }
    }

    private static User Reissue(User user, Activation activation, IOutbox outbox)
    {
        user.RecordActivationIssued(activation);
        outbox.Add(new ActivationIssued(user.Id, user.Version, activation.TokenHash, activation.ExpiresAt), user.Id);
        return user;
    }

    private void Write(string path, string username, Activation activation)
    {
        var content = new { username, url = address.Resolve(activation.Path), activation.Token, activation.ExpiresAt };
        try
        {
            // An existing file is replaced, because it would keep its mode and its readers.
            File.Delete(path);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new FileStream(path, options);
            JsonSerializer.Serialize(file, content, JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{FileKey}: {path} cannot be written: {e.Message}");
        }
    }
}
