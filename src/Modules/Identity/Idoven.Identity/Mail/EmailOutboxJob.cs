using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
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

/// <summary>
/// Starts to send due e-mails and does not wait for it, because a slow SMTP server must not delay the other background jobs.
/// </summary>
internal sealed class EmailOutboxJob(EmailOutboxRun run) : IBackgroundJob<IdentityDbContext>
{
    public Task<bool> RunBatch(CancellationToken ct)
    {
        run.Start(ct);
        return Task.FromResult(false);
    }
}

/// <summary>Sends all e-mails that are due. A host does this at most once at a time.</summary>
internal sealed class EmailOutboxRun(IServiceScopeFactory scopes, SmtpSettings smtp, TimeProvider clock, ILogger<EmailOutboxRun> logger)
{
    private const int MaxAttempts = 12; // The last one after about three hours.
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
            logger.LogWarning(e, "Due e-mails could not be sent: the next run tries again");
        }
        catch (OperationCanceledException)
        {
            // The host stops. The remaining e-mails are sent after a start, or by another host.
        }
    }

    private async Task<bool> SendNext(CancellationToken ct)
    {
        await using var scope = scopes.CreateBackgroundScope();
        await scope.ServiceProvider.GetRequiredService<RecoveryRequests>().CreateEmails(ct);
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var now = clock.GetUtcNow();
        var due = db.OutgoingEmails.Where(email => email.Notice != null && email.NextAttemptAt <= now);
        if (await due.OrderBy(email => email.NextAttemptAt).FirstOrDefaultAsync(ct) is not { } email)
        {
            return false;
        }

        try
        {
            await ActivatorUtilities.CreateInstance<EmailDelivery>(scope.ServiceProvider).Deliver(email, ct);
            db.Remove(email);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not DbUpdateException)
        {
            email.Attempts++;
            email.NextAttemptAt = now + Pause(email.Attempts);
            logger.LogWarning(
                "An e-mail ({Notice}, account {AccountId}) was not sent, attempt {Attempt}: {Reason}",
                email.Notice, email.AccountId, email.Attempts, DescribeFailure(e));
            if (email.Attempts >= MaxAttempts)
            {
                db.Remove(email);
            }
        }

        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>Returns the reason without the text of the SMTP server, which may contain the address.</summary>
    private static string DescribeFailure(Exception e) =>
        e is SmtpCommandException rejected ? $"{rejected.ErrorCode}, {(int)rejected.StatusCode}" : e.Message;

    private static TimeSpan Pause(int attempts)
    {
        var pause = FirstPause * Math.Pow(2, attempts - 1);
        return pause < LongestPause ? pause : LongestPause;
    }
}

/// <summary>Determines the address and the text of an e-mail and sends it, or does nothing if it is no longer applicable.</summary>
internal sealed class EmailDelivery(
    IdentityDbContext db, IOneTimeTokens tokens, SmtpEmailSender sender, PublicAddress address,
    IIdentityAuditLog auditLog)
{
    public async Task Deliver(OutgoingEmail email, CancellationToken ct)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == email.AccountId, ct) is not { } account)
        {
            return;
        }

        var verified = account.EmailConfirmed ? account.Email : null;
        switch (email.Notice)
        {
            case Notice.Recovery:
                if (verified is not null && account is { IsEnabled: true, PasswordHash: not null } && IsAddressOf(account, email))
                {
                    auditLog.Add(new AuditEntry(AuditActions.IssueRecovery, $"{account.Id}", Reasons.Email));
                    var token = await tokens.Issue(account.Id, TokenUse.Recovery, verified, ct);
                    await Send(verified, EmailTemplates.RenderRecovery(address, account.UserName!, token));
                }

                break;
            case Notice.VerifyEmail:
                if (account is { Email: { } unverified, EmailConfirmed: false, IsEnabled: true, ActivatedAt: { } activatedAt }
                    && IsAddressOf(account, email))
                {
                    var token = await tokens.Issue(account.Id, TokenUse.EmailVerification, account.NormalizedEmail, ct);
                    var activation = new EarlierActivation(activatedAt, account.ActivatedFrom);
                    await Send(unverified, EmailTemplates.RenderVerification(address, account.UserName!, token, activation));
                }

                break;
            case Notice.WrongPasswords or Notice.RightAfterWrongPasswords:
                if (verified is not null)
                {
                    var isRight = email.Notice == Notice.RightAfterWrongPasswords;
                    var at = account.ToldOfGuessesAt!.Value;
                    await Send(verified, EmailTemplates.RenderFailedAttempts(address, account.UserName!, isRight, at));
                }

                break;
            case { } notice when (email.Address ?? verified) is { } to:
                await Send(to, EmailTemplates.Render(notice, address, account.UserName!));
                break;
        }

        Task Send(string to, (string Subject, string Text) content) => sender.Send(email.Id, to, content.Subject, content.Text, ct);
    }

    /// <summary>
    /// Returns whether the account still has the address that the e-mail was counted for; true for rows of earlier versions, without an
    /// address.
    /// </summary>
    private static bool IsAddressOf(Account account, OutgoingEmail email) =>
        email.Address is null || LoginIdentifier.Normalize(email.Address) == account.NormalizedEmail;
}
