using System.Net;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Represents a host with the default limits on e-mails and its own database and broker. Its database records each e-mail that is stored
/// and each statement that removes counts.
/// </summary>
public sealed class BoundedMail(RunningParts parts) : IAsyncLifetime
{
    internal RunningHost Host { get; private set; } = null!;

    internal MailServer Mail => parts.Mail;

    public async ValueTask InitializeAsync()
    {
        var settings = await parts.OwnParts();
        await using (var admin = NpgsqlDataSource.Create(settings.Admin))
        {
            await using var counts = admin.CreateCommand(
                """
                insert into identity.email_counts (key, since, number, last_at) values
                  ('\x01', now() - interval '2 days', 1, now() - interval '25 hours'), ('\x02', now() - interval '2 days', 1, now())
                """);
            await counts.ExecuteNonQueryAsync();
        }

        Host = await RunningHost.Start(settings, ("EmailBounds:PausePerAddress", "00:01:00"), ("EmailBounds:RecoveriesPerHour", "20"));
        await Host.Execute(
            """
            create table identity.made (notice text, account_id uuid, address text);
            create table identity.removed (id int generated always as identity, requests bigint, emails bigint);
            create function identity.note_made() returns trigger language plpgsql security definer as $$ begin
              insert into identity.made values (new.notice, new.account_id, new.address); return null; end $$;
            create function identity.note_removed() returns trigger language plpgsql security definer as $$ begin
              insert into identity.removed (requests, emails)
              select count(*) filter (where notice is null), count(*) filter (where notice is not null) from gone having count(*) > 0;
              return null; end $$;
            create trigger note_made after insert on identity.letters for each row execute function identity.note_made();
            create trigger note_removed after delete on identity.letters referencing old table as gone
              for each statement execute function identity.note_removed();
            """);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>Moves all counts back in time, instead of waiting.</summary>
    internal Task Later(string interval) =>
        Host.Execute($"update identity.email_counts set since = since - interval '{interval}', last_at = last_at - interval '{interval}'");

    internal Task<long> Made(Guid account, string notice) =>
        Host.Query<long>("select count(*) from identity.made where account_id = $1 and notice = $2", account, notice);

    /// <summary>Sets a verified address of the user without sending an e-mail.</summary>
    internal async Task<string> GiveVerifiedEmail(TestUser person)
    {
        var email = EmailCalls.NewAddress();
        await Host.Execute(
            $"update identity.accounts set email = '{email}', normalized_email = upper('{email}'), email_confirmed = true "
                + $"where id = '{person.Id}'");
        return email;
    }
}

/// <summary>Tests that the e-mails caused by one user, one network or one address are limited and delay no e-mail of others.</summary>
public sealed partial class EmailBoundTests(BoundedMail bounded) : IClassFixture<BoundedMail>
{
    private readonly RunningHost host = bounded.Host;

    [Fact]
    [Trait(LimitedResourceTests.Trait, "e-mails")]
    public async Task Sixty_verification_requests_send_nothing_within_the_minute_and_five_emails_a_day()
    {
        var person = await host.NewPerson();
        using var self = await host.SignIn(person);
        await ChangeEmail(self, person, EmailCalls.NewAddress());
        Assert.Equal(1, await Made(person));

        foreach (var atOnce in Enumerable.Range(0, 60).Chunk(10))
        {
            foreach (var response in await Task.WhenAll(atOnce.Select(_ => self.PostAsync("/account/email/verification", null))))
            {
                Assert.InRange(await RetryAfter(response), 1, 60);
            }
        }

        Assert.Equal(1, await Made(person));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(1, await MadeOfAnother());
        }

        for (var made = 2; made <= 5; made++)
        {
            await bounded.Later("1 minute");
            Assert.Equal(HttpStatusCode.Accepted, await Ask());
            Assert.Equal(HttpStatusCode.TooManyRequests, await Ask());
            Assert.Equal(made, await Made(person));
        }

        await bounded.Later("1 minute");
        Assert.InRange(await RetryAfter(await self.PostAsync("/account/email/verification", null)), 80_000, 86_400);
        await bounded.Later("1 day");
        Assert.Equal(HttpStatusCode.Accepted, await Ask());
        Assert.Equal(6, await Made(person));

        async Task<long> MadeOfAnother()
        {
            var other = await host.NewPerson();
            using var client = await host.SignIn(other);
            await ChangeEmail(client, other, EmailCalls.NewAddress());
            return await Made(other);
        }

        async Task<HttpStatusCode> Ask()
        {
            using var response = await self.PostAsync("/account/email/verification", null);
            return response.StatusCode;
        }
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "e-mails")]
    public async Task Forty_changes_of_an_address_send_email_to_five_addresses()
    {
        var person = await host.NewPerson();
        using var self = await host.SignIn(person);
        for (var change = 0; change < 40; change++)
        {
            await Change();
        }

        Assert.Equal(5, await Made(person));
        Assert.Equal(5L, await host.Query<long>("select count(distinct address) from identity.made where account_id = $1", person.Id));
        await bounded.Later("1 day");
        await Change();
        Assert.Equal(6, await Made(person));

        Task Change() => ChangeEmail(self, person, EmailCalls.NewAddress());
    }

    [Fact]
    public async Task Accounts_that_take_turns_with_an_address_send_five_emails_a_day_to_it()
    {
        var recipient = EmailCalls.NewAddress();
        for (var turn = 0; turn < 7; turn++)
        {
            var person = await host.NewPerson();
            using var self = await host.SignIn(person);
            await ChangeEmail(self, person, recipient);
            await ChangeEmail(self, person, EmailCalls.NewAddress());
            await bounded.Later("1 minute");
        }

        Assert.Equal(5L, await host.Query<long>("select count(*) from identity.made where address = $1", recipient));
    }

    [Fact]
    public async Task Recovery_sends_one_email_a_minute_and_five_a_day_and_holds_back_no_notice()
    {
        var person = await host.NewPerson();
        var email = await bounded.GiveVerifiedEmail(person);
        for (var asked = 0; asked < 10; asked++)
        {
            await Ask(asked % 2 == 0 ? email : person.Username);
        }

        Assert.Equal(1L, await bounded.Made(person.Id, "Recovery"));
        for (var asked = 0; asked < 6; asked++)
        {
            await bounded.Later("1 minute");
            await Ask(email);
        }

        Assert.Equal(5L, await bounded.Made(person.Id, "Recovery"));
        Assert.InRange(bounded.Mail.To(email).Count(letter => letter.Subject == EmailCalls.Recovery), 1, 5);
        using var self = await host.SignIn(person);
        using var changed = await self.Post(
            "/account/password", new { currentPassword = TestUser.Password, newPassword = "another good password" });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        await bounded.Mail.Letter(email, "Your password was changed");

        async Task Ask(string identifier)
        {
            using var network = Network(SourceAddress.New());
            using var response = await network.Post("/account/recover", new { identifier });
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            await Eventually.Holds(async () => await host.Query<long>("select count(*) from identity.letters where notice is null") == 0);
        }
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "requests for recovery")]
    public async Task Network_gets_429_after_twenty_recovery_requests_an_hour_whether_or_not_the_account_exists()
    {
        var person = await host.NewPerson();
        await bounded.GiveVerifiedEmail(person);
        var address = SourceAddress.New();
        using var network = Network(address);
        for (var asked = 0; asked < 20; asked++)
        {
            Assert.Equal(HttpStatusCode.Accepted, (await Ask(asked % 2 == 0 ? person.Username : TestUsers.NewName())).StatusCode);
        }

        var responses = new List<(string?, string?)>();
        foreach (var identifier in new[] { person.Username, TestUsers.NewName() })
        {
            var response = await Ask(identifier);
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 3600);
            var problem = await response.Problem(HttpStatusCode.TooManyRequests);
            responses.Add((problem.GetProperty("type").GetString(), problem.GetProperty("detail").GetString()));
        }

        Assert.Equal(
            ("/problems/too-many-requests", "Your network has reached its limit of requests."),
            Assert.Single(responses.Distinct()));
        using var browser = new Browser(host, from: address);
        var page = await browser.Press(await browser.Get("/account/recovery"), "ask", ("identifier", person.Username));
        Assert.Equal((HttpStatusCode.TooManyRequests, "Too many requests from your network"), (page.Status, page.Heading));
        using var another = Network(SourceAddress.New());
        for (var asked = 0; asked < 20; asked++)
        {
            using var elsewhere = await another.Post("/account/recover", new { identifier = person.Username });
            Assert.Equal(HttpStatusCode.Accepted, elsewhere.StatusCode);
        }

        Assert.Equal(
            20L,
            await host.Query<long>(
                "select count(*) from identity.audit where action = 'account.ask_for_recovery' and address = $1", address));

        await bounded.Later("1 hour");
        Assert.Equal(HttpStatusCode.Accepted, (await Ask(person.Username)).StatusCode);

        Task<HttpResponseMessage> Ask(string identifier) => network.Post("/account/recover", new { identifier });
    }

    [Fact]
    public async Task Email_is_sent_while_1049_recovery_requests_for_unknown_names_are_waiting()
    {
        var person = await host.NewPerson();
        var email = await bounded.GiveVerifiedEmail(person);
        await Eventually.Holds(async () => await host.Query<long>("select count(*) from identity.letters") == 0);
        var before = await host.Query<int>("select coalesce(max(id), 0) from identity.removed");

        await host.Execute(
            $"""
             insert into identity.letters (id, address, attempts, next_attempt_at)
             select gen_random_uuid(), 'INVENTED' || n, 0, now() - interval '1 hour' from generate_series(1, 1049) n;
             insert into identity.letters (id, notice, account_id, attempts, next_attempt_at)
             values (gen_random_uuid(), 'PasswordChanged', '{person.Id}', 0, now());
             """);

        await bounded.Mail.Letter(email, "Your password was changed");
        await Eventually.Holds(async () => await host.Query<long>("select count(*) from identity.letters") == 0);
        Assert.Equal(
            ["1000 0", "0 1", "49 0"],
            await host.Query<string[]>(
                "select array_agg(requests || ' ' || emails order by id) from identity.removed where id > $1", before));
    }

    /// <summary>E-mails stored by another class would not be counted.</summary>
    [Fact]
    public void Only_one_class_stores_emails() => Assert.Equal(
        ["NoticeStore.cs"],
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => StoresEmails().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName));

    [Fact]
    public async Task Email_counts_are_removed_a_day_after_their_last_change()
    {
        await Eventually.Holds(async () => await host.Query<long>(@"select count(*) from identity.email_counts where key = '\x01'") == 0);
        Assert.Equal(1L, await host.Query<long>(@"select count(*) from identity.email_counts where key = '\x02'"));
    }

    [Fact]
    public async Task Email_counts_are_erased_with_their_account()
    {
        var person = await host.NewPerson();
        using var self = await host.SignIn(person);
        await ChangeEmail(self, person, EmailCalls.NewAddress());
        Assert.Equal(1, await Counts());

        using var admin = await host.Admin();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).StatusCode);

        await Eventually.Holds(async () => await Counts() == 0);

        Task<long> Counts() => host.Query<long>("select count(*) from identity.email_counts where account_id = $1", person.Id);
    }

    /// <summary>Changes the user's e-mail address and waits until Identity has received the change.</summary>
    private async Task ChangeEmail(HttpClient self, TestUser person, string email)
    {
        using var changed = await self.Patch(person.Id, $$"""{"email":"{{email}}"}""");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        await Eventually.Holds(
            async () => await host.Query<string>("select coalesce(email, '') from identity.accounts where id = $1", person.Id) == email);
    }

    [GeneratedRegex(@"new OutgoingEmail\b|insert into identity\.letters")]
    private static partial Regex StoresEmails();

    private HttpClient Network(IPAddress from) => new(SourceAddress.Handler(from)) { BaseAddress = host.Address };

    private Task<long> Made(TestUser person) => bounded.Made(person.Id, "VerifyEmail");

    private static async Task<double> RetryAfter(HttpResponseMessage response)
    {
        using (response)
        {
            var problem = await response.Problem(HttpStatusCode.TooManyRequests);
            Assert.Equal("/problems/too-many-requests", problem.GetProperty("type").GetString());
            return response.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        }
    }
}
