using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idoven.Host.Tests.Identity;

public sealed class ActivationPagesTests(RunningParts parts)
{
    [Fact]
    public async Task Activation_link_shows_a_form_that_activates_the_account()
    {
        using var admin = await parts.Host.Admin();
        using var browser = new Browser(parts.Host);
        var username = TestUsers.NewName();
        var registered = await parts.Host.RegisterKnown(admin, username);
        var link = registered.GetProperty("activation").GetProperty("url").GetString()!;

        // Opening the page does not use up the link.
        await browser.Get(link);
        var page = await browser.Get(link);
        Assert.Equal("Choose your password", page.Heading);
        Assert.Contains("8 to 256 characters", page.Text, StringComparison.Ordinal);

        var tooShort = await browser.Press(page, "choose", ("password", "short"), ("repeated", "short"));
        Assert.Equal(HttpStatusCode.BadRequest, tooShort.Status);
        Assert.Contains("The password must have at least 8 characters.", tooShort.Text, StringComparison.Ordinal);
        var unlike = await browser.Press(tooShort, "choose", ("password", TestUser.Password), ("repeated", TestUser.Password + "x"));
        Assert.Contains("The passwords are not the same.", unlike.Text, StringComparison.Ordinal);
        var done = await browser.Press(unlike, "choose", ("password", TestUser.Password), ("repeated", TestUser.Password));

        Assert.Equal((HttpStatusCode.OK, "Your account is ready"), (done.Status, done.Heading));
        Assert.NotNull((await parts.Host.Token(username, TestUser.Password, "ecgs:read")).AccessToken);
        var again = await browser.Press(page, "choose", ("password", TestUser.Password), ("repeated", TestUser.Password));
        Assert.Equal((HttpStatusCode.BadRequest, "This link is no longer valid"), (again.Status, again.Heading));
        Assert.All(
            [tooShort, unlike, done, again], response => Assert.DoesNotContain(TestUser.Password, response.Html, StringComparison.Ordinal));
    }

    /// <summary>
    /// An administrator can have another link issued and use it first. This cannot be prevented, so the page informs the user who received
    /// the first link.
    /// </summary>
    [Fact]
    public async Task Page_of_a_used_or_replaced_link_shows_when_and_from_where_the_account_was_activated()
    {
        using var admin = await parts.Host.Admin();
        using var holder = new Browser(parts.Host);
        var username = TestUsers.NewName();
        var registered = await parts.Host.RegisterKnown(admin, username);
        var link = registered.GetProperty("activation").GetProperty("url").GetString()!;
        var issued = await admin.PostAsync($"{TestUsers.Route}/{registered.Id()}/activation", null);
        var second = (await issued.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        await Eventually.Holds(
            async () =>
                await parts.Host.Query<long>("select count(*) from identity.spent_activations where user_id = $1", registered.Id()) == 1);

        // The link was replaced and the new one is not used yet, so there is no activation to report.
        var page = await holder.Press(await holder.Get(link), "choose", ("password", TestUser.Password), ("repeated", TestUser.Password));
        Assert.DoesNotContain("The account was activated", page.Text, StringComparison.Ordinal);

        var address = SourceAddress.New();
        using var another = parts.Host.Client(from: address);
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await another.Post("/account/activate", new { token = second, password = TestUser.Password })).StatusCode);

        var told = new Regex(
            $@"The account was activated on {TimeProvider.System.GetUtcNow():yyyy}-\d\d-\d\d at \d\d:\d\d UTC "
            + $@"from {Regex.Escape($"{address}")}\.");
        page = await holder.Get(link);
        Assert.Equal((HttpStatusCode.BadRequest, "This link is no longer valid"), (page.Status, page.Heading));
        Assert.Matches(told, page.Text);
        foreach (var token in new[] { registered.Token(), second })
        {
            using var refused = await parts.Host.Anonymous.Post("/account/activate", new { token, password = TestUser.Password });
            var problem = await refused.Problem(HttpStatusCode.BadRequest);
            Assert.Matches(told, problem.GetProperty("errors")[0].GetProperty("detail").GetString());
        }

        using var self = await parts.Host.SignIn(new TestUser(registered.Id(), username, "user"));
        var entries = (await self.GetFromJsonAsync<JsonElement>("/account/audit?action=account.activate&outcome=success")).GetProperty(
            "items");
        Assert.Equal($"{address}", entries[0].GetProperty("address").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{registered.Id()}")).StatusCode);
        await Eventually.Holds(
            async () =>
                await parts.Host.Query<long>("select count(*) from identity.spent_activations where user_id = $1", registered.Id()) == 0);
    }

    [Fact]
    public async Task Activation_link_without_a_token_shows_an_error()
    {
        using var browser = new Browser(parts.Host);

        foreach (var link in new[] { "/account/activate", "/account/activate?token=" })
        {
            var page = await browser.Get(link);
            Assert.Equal((HttpStatusCode.BadRequest, "This link is no longer valid"), (page.Status, page.Heading));
        }
    }

    [Theory, InlineData(null), InlineData("not a token")]
    public async Task Form_with_an_invalid_form_token_activates_nothing(string? formToken)
    {
        using var admin = await parts.Host.Admin();
        using var browser = new Browser(parts.Host);
        var registered = await parts.Host.RegisterKnown(admin, TestUsers.NewName());
        var fields = new Dictionary<string, string>
        {
            ["token"] = registered.Token(),
            ["password"] = TestUser.Password,
            ["repeated"] = TestUser.Password,
        };
        if (formToken is not null)
        {
            fields["form_token"] = formToken;
        }

        var page = await browser.Post(new Uri(parts.Host.Address, "/account/activate/form"), fields);

        Assert.Equal((HttpStatusCode.BadRequest, "This form is no longer valid"), (page.Status, page.Heading));
        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(registered.Token())).StatusCode);
    }

    [Fact]
    public async Task No_log_or_trace_contains_the_token_of_a_link_at_any_log_level()
    {
        await using var talkative = await RunningHost.Start(
            parts.Settings, ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"));
        var written = new Written();
        talkative.Services.GetRequiredService<ILoggerFactory>().AddProvider(written);
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        const string token = "a-token-that-is-searched-for";
        using var browser = new Browser(talkative);

        await browser.Press(
            await browser.Get($"/account/activate?token={token}"),
            "choose",
            ("password", TestUser.Password),
            ("repeated", TestUser.Password));

        Assert.Contains(written.Lines, line => line.Contains("/account/activate", StringComparison.Ordinal));
        Assert.DoesNotContain(
            written.Lines,
            line => line.Contains(token, StringComparison.Ordinal) || line.Contains(TestUser.Password, StringComparison.Ordinal));
        await Eventually.Holds(() => Task.FromResult(Tags().Any(tag => tag.Contains("/account/activate", StringComparison.Ordinal))));
        Assert.DoesNotContain(Tags(), tag => tag.Contains(token, StringComparison.Ordinal));

        List<string> Tags()
        {
            lock (spans)
            {
                return [.. spans.SelectMany(span => span.TagObjects).Select(tag => $"{tag.Key}={tag.Value}")];
            }
        }
    }

    /// <summary>Collects everything that a host logs.</summary>
    private sealed class Written : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> lines = new();

        public IEnumerable<string> Lines => lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
