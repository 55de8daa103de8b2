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
/// The first start without demo accounts: a superadmin, whose activation is written to a file that only the host's user reads, never to
/// a log. One that was not used within its time is replaced at the next start.
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
        var trail = scope.ServiceProvider.GetRequiredService<IUsersAuditLog>();
        var now = clock.GetUtcNow();

        // Held until the end: of two hosts that start at once, the second finds what the first has made.
        var superadmins = await users.LockSuperadmins(cancellationToken);
        if (superadmins.Any(user => user.ActivatedAt is not null || user.ActivationExpiresAt > now))
        {
            return;
        }

        if (configuration[FileKey] is not { Length: > 0 } path)
        {
            logger.LogWarning("There is no superadmin: set {Key} to a path, and the next start writes the activation of one there", FileKey);
            return;
        }

        var activation = Activation.Issue(now);
        var user = superadmins.Count > 0 ? Reissue(superadmins[0], activation, outbox) : Register(users, activation, outbox, now);
        trail.Add(new AuditEntry(superadmins.Count > 0 ? AuditActions.IssueActivation : AuditActions.RegisterUser, $"{user.Id}"));
        Write(path, user.Username, activation);
        try
        {
            await users.Save(cancellationToken);
        }
        catch (Exception e)
        {
            // The token in it will never open anything.
            File.Delete(path);
            if (e is UserRejectedException)
            {
                throw new ConfigurationException($"{UsernameKey}: {user.Username} is the name of a user already; give another.");
            }

            throw;
        }

        logger.LogWarning("The activation of the first superadmin is in {Path}: delete the file when it is used", path);
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
                new UserRegistered(user.Id, user.Version, user.Username, user.Email, user.Role, activation.TokenHash, activation.ExpiresAt), user.Id);
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
            // A file that is there keeps its mode and its readers: a new one takes its place.
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
