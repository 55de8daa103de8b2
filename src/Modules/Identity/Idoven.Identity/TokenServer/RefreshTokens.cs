using Idoven.Identity.Infrastructure;
using Microsoft.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Token = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken<System.Guid>;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Redeems refresh tokens. A family (the tokens of one sign-in of one client, which share an authorization) never has more than one valid
/// refresh token. A client that lost a response may present the redeemed token once more, within <see cref="RetryWindow"/>: the token is
/// then revoked, and so is the token of the lost response.
/// </summary>
internal sealed class RefreshTokens(IdentityDbContext db, TimeProvider clock)
{
    public static readonly TimeSpan RetryWindow = TimeSpan.FromSeconds(10);

    /// <summary>Returns whether a use of the token now means that another party has it too.</summary>
    /// <remarks>
    /// Uses after the retry are rejected, but until the window ends they do not end the session: a client that sends the same token several
    /// times at once is not signed out, and gets no token from the further uses. One statement, because a retry may be committed between
    /// two.
    /// </remarks>
    public Task<bool> IsReplay(Guid id, CancellationToken ct)
    {
        var since = WindowStart();
        var retryable = Retryable(id);
        return Tokens.AnyAsync(
            token => token.Id == id
                && ((token.Status == Statuses.Redeemed && !retryable.Any())
                    || (token.Status == Statuses.Revoked && (token.RedemptionDate == null || token.RedemptionDate <= since))),
            ct);
    }

    /// <summary>
    /// Redeems the token, for the first time or as a retry, in a transaction that the caller commits together with the next token.
    /// </summary>
    /// <param name="family">The authorization of the token.</param>
    /// <returns>False if it was redeemed before and may not be used again.</returns>
    public async Task<bool> Redeem(Guid id, Guid family, CancellationToken ct)
    {
        // The transaction is abandoned on any failure, so no savepoint is needed around what OpenIddict saves in it.
        db.Database.AutoSavepointsEnabled = false;
        await db.Database.BeginTransactionAsync(ct);

        // Uses of one family are serialised: otherwise a retry would not see the token that another use is about to store.
        await db.Database.ExecuteSqlAsync($"select from identity.authorizations where id = {family} for no key update", ct);
        var (now, stamp) = (clock.GetUtcNow().UtcDateTime, $"{Guid.NewGuid()}");
        var isFirst = await Tokens.Where(token => token.Id == id && token.Status == Statuses.Valid)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(token => token.Status, Statuses.Redeemed)
                    .SetProperty(token => token.RedemptionDate, now)
                    .SetProperty(token => token.ConcurrencyToken, stamp),
                ct) == 1;
        if (isFirst)
        {
            return true;
        }

        var isRetry = await Revoke(Retryable(id), ct) == 1;
        if (isRetry)
        {
            await Revoke(Valid(family), ct);
        }

        return isRetry;
    }

    public Task Commit(CancellationToken ct) => db.Database.CurrentTransaction?.CommitAsync(ct) ?? Task.CompletedTask;

    private DbSet<Token> Tokens => db.Set<Token>();

    /// <summary>
    /// Selects the token if it was redeemed within the window and its successor was not used: the client may have lost the response.
    /// </summary>
    private IQueryable<Token> Retryable(Guid id)
    {
        var since = WindowStart();
        return Tokens.Where(token => token.Id == id && token.Status == Statuses.Redeemed && token.RedemptionDate > since
            && !Tokens.Any(later => later.Authorization!.Id == token.Authorization!.Id
                && later.Type == token.Type
                && later.RedemptionDate > token.RedemptionDate));
    }

    private IQueryable<Token> Valid(Guid family) =>
        Tokens.Where(token => token.Authorization!.Id == family
            && token.Type == TokenTypeIdentifiers.RefreshToken
            && token.Status == Statuses.Valid);

    private static Task<int> Revoke(IQueryable<Token> tokens, CancellationToken ct)
    {
        var stamp = $"{Guid.NewGuid()}";
        return tokens.ExecuteUpdateAsync(
            set => set.SetProperty(token => token.Status, Statuses.Revoked).SetProperty(token => token.ConcurrencyToken, stamp), ct);
    }

    private DateTime WindowStart() => (clock.GetUtcNow() - RetryWindow).UtcDateTime;
}
