using System.Runtime.ExceptionServices;
using Idoven.Shared.Data;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using Token = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken<System.Guid>;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// OpenIddict's <c>Try...</c> methods return false for every exception. A database that accepts no writes then looks like a token that was
/// used before: the client gets <c>invalid_grant</c> and signs its user out. Here such an exception is rethrown: the answer is 503.
/// </summary>
internal sealed class TokenStore(
    IOpenIddictTokenCache<Token> cache, ILogger<OpenIddictTokenManager<Token>> logger, IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictTokenStore<Token> store)
    : OpenIddictTokenManager<Token>(cache, logger, options, store)
{
    private readonly DatabaseFailure failure = new();

    public override ValueTask UpdateAsync(Token token, CancellationToken cancellationToken = default) =>
        failure.Remember(() => base.UpdateAsync(token, cancellationToken));

    public override ValueTask<bool> TryRedeemAsync(Token token, CancellationToken cancellationToken = default) =>
        failure.Throw(() => base.TryRedeemAsync(token, cancellationToken));

    public override ValueTask<bool> TryRejectAsync(Token token, CancellationToken cancellationToken = default) =>
        failure.Throw(() => base.TryRejectAsync(token, cancellationToken));

    public override ValueTask<bool> TryRevokeAsync(Token token, CancellationToken cancellationToken = default) =>
        failure.Throw(() => base.TryRevokeAsync(token, cancellationToken));
}

/// <summary>Remembers the exception of a database that is unavailable, and throws it after OpenIddict has swallowed it.</summary>
internal sealed class DatabaseFailure
{
    private Exception? last;

    public async ValueTask Remember(Func<ValueTask> update)
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

    public async ValueTask<bool> Throw(Func<ValueTask<bool>> attempt)
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
