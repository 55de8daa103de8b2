using System.Diagnostics;
using Idoven.Host.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Client = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication<System.Guid>;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Measures the tokens a second by client_credentials with the hash of OpenIddict, which is made for passwords, and with the hash of this
/// service. Runs only on request (<c>-explicit only</c>), on an idle machine; the results are in docs/speed.md.
/// </summary>
[Collection(nameof(SerialCollection)), Trait("Hosts", "one")]
public sealed class TokenRateTests(RunningParts parts)
{
    private const int Clients = 8;
    private const int Rounds = 5;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(4);

    [Fact(Explicit = true)]
    public async Task Fast_hash_of_client_secrets_gives_more_tokens_a_second_than_a_slow_one()
    {
        await using var ours = await RunningHost.Start(parts.Settings);
        RunningHost slow;
        using (DiagnosticListener.AllListeners.Subscribe(new WithOpenIddictsOwnHash()))
        {
            slow = await RunningHost.Start(parts.Settings);
        }

        await using (slow)
        {
            var (fastForm, slowForm) = (await NewClient(ours), await NewClient(slow));
            Assert.StartsWith("sha256:", await Stored(fastForm), StringComparison.Ordinal);
            Assert.DoesNotContain("sha256:", await Stored(slowForm), StringComparison.Ordinal);
            await Rate(ours, fastForm);
            await Rate(slow, slowForm);

            // The measurements alternate, so that other work of the machine affects both.
            var rates = new List<(double Ours, double Slow)>();
            for (var round = 0; round < Rounds; round++)
            {
                rates.Add((await Rate(ours, fastForm), await Rate(slow, slowForm)));
            }

            var ratios = rates.Select(rate => rate.Ours / rate.Slow).Order().ToArray();
            var (fastest, slowest) = (rates.Max(rate => rate.Ours), rates.Max(rate => rate.Slow));
            TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant(
                $"tokens/s, {Clients} at once: ours {fastest:F0}, OpenIddict's own hash {slowest:F0}; ratio {ratios[Rounds / 2]:F2}"));
            TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant(
                $"lowest ratio {ratios[0]:F2}, highest {ratios[^1]:F2}"));
            Assert.InRange(ratios[Rounds / 2], 1, double.MaxValue);
        }
    }

    private static async Task<Dictionary<string, string>> NewClient(RunningHost host)
    {
        var (id, secret) = ($"rate-{Guid.NewGuid():N}", $"{Guid.NewGuid():N}{Guid.NewGuid():N}");
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = id,
            ClientSecret = secret,
            ClientType = ClientTypes.Confidential,
            Permissions =
                { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials, $"{Permissions.Prefixes.Scope}ecgs:read" },
        });
        return new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret, ["scope"] = "ecgs:read" };
    }

    private Task<string> Stored(Dictionary<string, string> form) =>
        parts.Host.Query<string>("select client_secret from identity.clients where client_id = $1", form["client_id"]);

    private static async Task<double> Rate(RunningHost host, Dictionary<string, string> form)
    {
        var since = Stopwatch.GetTimestamp();
        var tokens = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            var given = 0;
            for (; Stopwatch.GetElapsedTime(since) < Round; given++)
            {
                Assert.Null(await host.TokenError(form));
            }

            return given;
        }));
        return tokens.Sum() / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    /// <summary>Registers the application manager of OpenIddict in the next host that is built.</summary>
    private sealed class WithOpenIddictsOwnHash : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(this);
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder host })
            {
                host.ConfigureServices(
                    services => services.Replace(
                        ServiceDescriptor.Scoped<OpenIddictApplicationManager<Client>, OpenIddictApplicationManager<Client>>()));
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
