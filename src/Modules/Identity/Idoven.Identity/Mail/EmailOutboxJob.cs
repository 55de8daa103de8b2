using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.OneTimeTokens;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Web;
using MailKit.Net.Smtp;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idoven.Identity.Mail;

/// <summary>Letters that are due leave beside the module's other work: a slow mail server must not hold up its messages.</summary>
internal sealed class EmailOutboxJob(EmailOutboxRun round) : IBackgroundJob<IdentityDbContext>
{
    public Task<bool> RunBatch(CancellationToken ct)
    {
        round.Start(ct);
        return Task.FromResult(false);
    }
}

/// <summary>One round of the letters that are due; at most one goes on at a time.</summary>
internal sealed class EmailOutboxRun(IServiceScopeFactory scopes, SmtpSettings smtp, TimeProvider clock, ILogger<EmailOutboxRun> logger)
{
    private const int MaxAttempts = 12; // The last after about three hours.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private Task running = Task.CompletedTask;

    public void Start(CancellationToken ct)
    {
        if (smtp.IsOn && running.IsCompleted)
        {
            running = Run(ct);
        }
    }

    private async Task Run(CancellationToken ct)
    {
        try
        {
            while (await SendNext(ct))
            {
            }
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            logger.LogWarning(e, "Letters wait: the next round tries again");
        }
        catch (OperationCanceledException)
        {
            // The host stops: what was not sent is due when another begins.
        }
    }

    private async Task<bool> SendNext(CancellationToken ct)
    {
        await using var scope = scopes.CreateBackgroundScope();
        await scope.ServiceProvider.GetRequiredService<RecoveryRequests>().CreateEmails(ct);
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var now = clock.GetUtcNow();
        var due = db.OutgoingEmails.Where(letter => letter.Notice != null && letter.NextAttemptAt <= now);
        if (await due.OrderBy(letter => letter.NextAttemptAt).FirstOrDefaultAsync(ct) is not { } letter)
        {
            return false;
        }

        try
        {
            await ActivatorUtilities.CreateInstance<EmailDelivery>(scope.ServiceProvider).Deliver(letter, ct);
            db.Remove(letter);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not DbUpdateException)
        {
            letter.Attempts++;
            letter.NextAttemptAt = now + Pause(letter.Attempts);
            logger.LogWarning("A letter ({Notice}, account {AccountId}) was not taken, attempt {Attempt}: {Reason}", letter.Notice, letter.AccountId, letter.Attempts, Reason(e));
            if (letter.Attempts >= MaxAttempts)
            {
                db.Remove(letter);
            }
        }

        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>Without the server's words, which may repeat the address.</summary>
    private static string Reason(Exception e) => e is SmtpCommandException refused ? $"{refused.ErrorCode}, {(int)refused.StatusCode}" : e.Message;

    private static TimeSpan Pause(int attempts)
    {
        var pause = FirstPause * Math.Pow(2, attempts - 1);
        return pause < LongestPause ? pause : LongestPause;
    }
}

/// <summary>Finds out to whom a letter goes and what it says, and sends it; nothing where it has become pointless.</summary>
internal sealed class EmailDelivery(
    IdentityDbContext db, IOneTimeTokens tokens, SmtpEmailSender postman, PublicAddress address,
    IIdentityAuditLog trail)
{
    public async Task Deliver(OutgoingEmail letter, CancellationToken ct)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == letter.AccountId, ct) is not { } account)
        {
            return;
        }

        var verified = account.EmailConfirmed ? account.Email : null;
        switch (letter.Notice)
        {
            case Notice.Recovery:
                if (verified is not null && account is { IsEnabled: true, PasswordHash: not null } && IsAddressOf(account, letter))
                {
                    trail.Add(new AuditEntry(AuditActions.IssueRecovery, $"{account.Id}", Reasons.Email));
                    var token = await tokens.Issue(account.Id, TokenUse.Recovery, verified, ct);
                    await Send(verified, EmailTemplates.Recovery(address, account.UserName!, token));
                }

                break;
            case Notice.VerifyEmail:
                if (account is { Email: { } email, EmailConfirmed: false, IsEnabled: true, ActivatedAt: { } activatedAt } && IsAddressOf(account, letter))
                {
                    var token = await tokens.Issue(account.Id, TokenUse.EmailVerification, account.NormalizedEmail, ct);
                    await Send(email, EmailTemplates.Verification(address, account.UserName!, token, new(activatedAt, account.ActivatedFrom)));
                }

                break;
            case Notice.WrongPasswords or Notice.RightAfterWrongPasswords:
                if (verified is not null)
                {
                    var isRight = letter.Notice == Notice.RightAfterWrongPasswords;
                    await Send(verified, EmailTemplates.Guesses(address, account.UserName!, isRight, account.ToldOfGuessesAt!.Value));
                }

                break;
            case { } notice when (letter.Address ?? verified) is { } to:
                await Send(to, EmailTemplates.Render(notice, address, account.UserName!));
                break;
        }

        Task Send(string to, (string Subject, string Text) wording) => postman.Send(letter.Id, to, wording.Subject, wording.Text, ct);
    }

    /// <summary>Returns whether the account has the address still that the letter was counted for; letters of earlier versions name none.</summary>
    private static bool IsAddressOf(Account account, OutgoingEmail letter) =>
        letter.Address is null || LoginIdentifier.Normalize(letter.Address) == account.NormalizedEmail;
}
