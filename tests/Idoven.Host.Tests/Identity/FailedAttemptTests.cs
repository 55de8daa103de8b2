using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Idoven.Host.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests that failed sign-in attempts are delayed more and more while a user with the right password still signs in.
/// <c>IDOVEN_FAILED_ATTEMPTS</c> sets how many attempts for one account wait at the same time (the nightly run: 200).
/// </summary>
[Trait("Hosts", "one")]
public sealed class FailedAttemptTests(RunningParts parts)
{
    private const int Tries = 4;
    private static readonly int Attempts = int.Parse(
        Environment.GetEnvironmentVariable("IDOVEN_FAILED_ATTEMPTS") ?? "100", CultureInfo.InvariantCulture);


    // Longer than the longest delay plus the queue of all these attempts before hashing, on a machine that is busy with other tests. The
    // pause of the queue is as short as one hash: these tests check who signs in and in what order, and LoginStormTests checks the pause.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Owner_signs_in_while_many_failed_attempts_are_waiting(bool fromOneAddress)
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Guesses:FreeOfAddress", "20"), ("Guesses:RestOfHash", "1"));
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        var (home, attacker) = (SourceAddress.New(), SourceAddress.New());
        using var ownBrowser = new Browser(host, from: home);
        await SignIn(ownBrowser, app, person);

        var guessing = Enumerable.Range(0, Attempts)
            .Select(i => Guess(host, person.Username, fromOneAddress ? attacker : SourceAddress.New(), i))
            .ToList();
        await Eventually.Holds(
            async () => await host.Query<double>("select coalesce(max(count), 0) from identity.guesses") > Attempts / 2.0);

        // On a known device there is no delay: the other attempts wait longer than this sign-in takes.
        await ownBrowser.Get(app.Authorize(("prompt", "login")));
        await SignIn(ownBrowser, app, person);
        Assert.Contains(guessing, guess => !guess.IsCompleted);

        // On an unknown device there is a delay, which ends.
        using var another = new Browser(host, from: SourceAddress.New());
        await SignIn(another, app, person);

        var responses = await Task.WhenAll(guessing);
        Assert.All(responses, response =>
            Assert.True(response is HttpStatusCode.BadRequest or HttpStatusCode.ServiceUnavailable, $"{response}"));
        Assert.Contains(HttpStatusCode.BadRequest, responses);

        // The number of waiting attempts of one address is limited.
        Assert.Equal(fromOneAddress, responses.Contains(HttpStatusCode.ServiceUnavailable));
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "hashes of passwords")]
    public async Task Sign_in_on_a_known_device_is_not_delayed_by_failed_attempts_from_many_addresses()
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Guesses:RestOfHash", "1"));
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(host);
        await SignIn(browser, app, person);

        // Each attempt has a name and an address of its own, so none is delayed: all of them wait in the queue for hashing.
        var guessing = Enumerable.Range(0, 60).Select(i => Guess(host, TestUsers.NewName(), SourceAddress.New(), i)).ToList();
        await Eventually.Holds(() => Task.FromResult(guessing.Count(guess => guess.IsCompleted) >= 3));
        var before = guessing.Count(guess => guess.IsCompleted);
        await SignIn(browser, app, person);
        Assert.InRange(guessing.Count(guess => guess.IsCompleted) - before, 0, 20);

        // Each of the first attempts is followed by others for as long as the user signs in.
        var isSigningIn = true;
        var guessingOn = guessing.Take(12).Select(KeepGuessing).ToList();
        for (var i = 0; i < 20; i++)
        {
            await SignIn(browser, app, person);
        }

        isSigningIn = false;
        Assert.All(
            (await Task.WhenAll(guessingOn)).SelectMany(responses => responses),
            response => Assert.Equal(HttpStatusCode.BadRequest, response));
        Assert.All(await Task.WhenAll(guessing), response => Assert.Equal(HttpStatusCode.BadRequest, response));

        async Task<List<HttpStatusCode>> KeepGuessing(Task<HttpStatusCode> first)
        {
            var responses = new List<HttpStatusCode> { await first };
            while (isSigningIn)
            {
                responses.Add(await Guess(host, TestUsers.NewName(), SourceAddress.New(), responses.Count));
            }

            return responses;
        }
    }

    [Theory]
    [InlineData("passwords")]
    [InlineData("recovery codes")]
    [Trait(LimitedResourceTests.Trait, "attempts that wait")]
    public async Task Failed_attempts_from_one_address_on_many_accounts_are_delayed(string secrets)
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Guesses:FreeOfAddress", "20"), ("Guesses:RestOfHash", "1"));
        var attacker = SourceAddress.New();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, await Try(attacker, i));
        }

        var more = Enumerable.Range(0, 60).Select(i => Try(attacker, i)).ToList();
        var others = Enumerable.Range(0, 20).Select(_ => Try(SourceAddress.New(), 0)).ToList();
        Assert.Contains(HttpStatusCode.ServiceUnavailable, await Task.WhenAll(more));
        Assert.All(await Task.WhenAll(others), response => Assert.Equal(HttpStatusCode.BadRequest, response));

        Task<HttpStatusCode> Try(IPAddress from, int i) =>
            secrets == "passwords" ? Guess(host, TestUsers.NewName(), from, i) : GuessCode(host, TestUsers.NewName(), from);
    }

    [Fact]
    public async Task Many_failed_attempts_send_a_notice_to_the_owner_of_the_account()
    {
        await using var host = await RunningHost.Start(parts.Settings);
        var person = await parts.Host.NewPerson();
        var email = await parts.VerifyNewEmail(person);

        // Wrong passwords and wrong recovery codes of an account are counted together.
        await Task.WhenAll(Enumerable.Range(0, 11).Select(i =>
            i % 2 == 0 ? Guess(host, person.Username, SourceAddress.New(), i) : GuessCode(host, person.Username, SourceAddress.New())));

        var letter = await parts.Mail.Letter(email, "Wrong passwords were entered for your account");
        Assert.Contains(
            $"A wrong password or recovery code was entered for the account {person.Username} many times in a row.",
            letter.TextBody,
            StringComparison.Ordinal);
        Assert.Matches("The last one was entered at [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC", letter.TextBody);
        Assert.DoesNotContain("127.", letter.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_in_on_an_unknown_device_after_wrong_passwords_sends_one_notice_a_day_to_a_verified_address()
    {
        const string Subject = "Your password was entered after wrong ones";
        await using var host = await RunningHost.Start(parts.Settings);
        var (app, person, atHome, without) =
            (await parts.Host.NewApp(), await parts.Host.NewPerson(), await parts.Host.NewPerson(), await parts.Host.NewPerson());
        var email = await parts.VerifyNewEmail(person);
        await parts.VerifyNewEmail(atHome);
        using var home = new Browser(host);
        await SignIn(home, app, atHome);

        // A sign-in on a known device causes no notice.
        await GuessAndSignIn(atHome, home);
        await GuessAndSignIn(without);
        await GuessAndSignIn(person);
        var letter = await parts.Mail.Letter(email, Subject);
        Assert.Contains("several times in a row, and then the right password", letter.TextBody, StringComparison.Ordinal);

        var told = await Told();
        await GuessAndSignIn(person);
        Assert.Equal(told, await Told());
        await parts.Host.Execute(
            $"""
             update identity.accounts set told_of_guesses_at = told_of_guesses_at - interval '1 day' where id = '{person.Id}';
             update identity.email_counts set since = since - interval '1 day' where account_id = '{person.Id}';
             """);
        await GuessAndSignIn(person);

        await parts.Mail.Letter(email, Subject, before: 1);
        Assert.Equal(
            0L, await host.Query<long>("select count(*) from identity.letters where account_id in ($1, $2)", atHome.Id, without.Id));
        Assert.Equal(
            0L,
            await host.Query<long>("select count(told_of_guesses_at) from identity.accounts where id in ($1, $2)", atHome.Id, without.Id));

        Task<DateTime> Told() => host.Query<DateTime>("select told_of_guesses_at from identity.accounts where id = $1", person.Id);

        async Task GuessAndSignIn(TestUser whom, Browser? browser = null)
        {
            await Task.WhenAll(Enumerable.Range(0, 7).Select(i => Guess(host, whom.Username, SourceAddress.New(), i)));
            using var elsewhere = new Browser(host, from: SourceAddress.New());
            await SignIn(browser ?? elsewhere, app, whom);
        }
    }

    [Fact]
    public async Task Known_and_unknown_names_cost_the_same_number_of_hashes()
    {
        await using var host = await RunningHost.Start(parts.Settings);
        var person = await parts.Host.NewPerson();
        var hashes = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Name == "password_hashes" && instrument.Meter.Scope == host.Services.GetRequiredService<IMeterFactory>())
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref hashes, value));
        listener.Start();

        Assert.Equal((Tries, Tries), (await Hashes(person.Username), await Hashes(TestUsers.NewName())));

        async Task<long> Hashes(string username)
        {
            hashes = 0;
            for (var i = 0; i < Tries; i++)
            {
                Assert.Equal(HttpStatusCode.BadRequest, await Guess(host, username, SourceAddress.New(), i));
            }

            return hashes;
        }
    }

    private static async Task<HttpStatusCode> Guess(RunningHost host, string username, IPAddress from, int i)
    {
        using var client = new HttpClient(SourceAddress.Handler(from)) { BaseAddress = host.Address, Timeout = Patience };
        using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "idoven-cli",
            ["username"] = username,
            ["password"] = $"a wrong password, number {i}",
            ["scope"] = "openid",
        }));
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> GuessCode(RunningHost host, string username, IPAddress from)
    {
        using var client = new HttpClient(SourceAddress.Handler(from)) { BaseAddress = host.Address, Timeout = Patience };
        using var response = await client.Post(
            "/account/recover/code", new { identifier = username, code = "aaaa-aaaa-aaaa-aaaa", password = "another good password" });
        return response.StatusCode;
    }

    private static async Task SignIn(Browser browser, TestApp app, TestUser person)
    {
        var page = await browser.Get(app.Authorize(("prompt", "login")));
        page = await browser.Press(page, "sign-in", ("username", person.Username), ("password", TestUser.Password));
        Assert.Equal(HttpStatusCode.Found, page.Status);
    }
}
