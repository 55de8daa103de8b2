using System.Runtime.ExceptionServices;
using Idoven.Shared.Data;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using Token = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken<System.Guid>;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Rethrows exceptions of an unavailable database, so that the response is 503. OpenIddict's <c>Try...</c> methods return false for every
/// exception: a database that accepts no writes would look like a token that was used before, and the client, which gets
/// <c>invalid_grant</c>, would sign its user out.
/// </summary>
internal sealed class TokenStore(
    IOpenIddictTokenCache<Token> cache, ILogger<OpenIddictTokenManager<Token>> logger, IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictTokenStore<Token> store)
    : OpenIddictTokenManager<Token>(cache, logger, options, store)
{
    private readonly DatabaseFailure failure = new();

    public override ValueTask UpdateAsync(Token token, CancellationToken cancellationToken = default) =>
        failure.Record(() => base.UpdateAsync(token, cancellationToken));

    public override ValueTask<bool> TryRedeemAsync(Token token, CancellationToken cancellationToken = default) =>
        failure.ThrowIfRecorded(() => base.TryRedeemAsync(token, cancellationToken));

    public override ValueTask<bool> TryRejectAsync(Token token, CancellationToken cancellationToken = default) =>
        failure.ThrowIfRecorded(() => base.TryRejectAsync(token, cancellationToken));

    public override ValueTask<bool> TryRevokeAsync(Token token, CancellationToken cancellationToken = default) =>
        failure.ThrowIfRecorded(() => base.TryRevokeAsync(token, cancellationToken));
}

/// <summary>Records the exception of an unavailable database, and throws it after OpenIddict has caught it.</summary>
internal sealed class DatabaseFailure
{
    private Exception? last;

    public async ValueTask Record(Func<ValueTask> update)
    {
        try
        {
            await update();
        }
        catch (Exception e) when (DatabaseUnavailable.Is(e) || DatabaseUnavailable.IsTransient(e))
        {
            last = e;
            throw;
        }
    }

    public async ValueTask<bool> ThrowIfRecorded(Func<ValueTask<bool>> attempt)
    {
        last = null;
        var isDone = await attempt();
        if (!isDone && last is { } e)
        {
            ExceptionDispatchInfo.Throw(e);
        }

        return isDone;
    }
}
