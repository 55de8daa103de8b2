using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Reflection;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Audit;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>
/// Prints the processor time that the access log adds to a read, without a limit for it. Run it with <c>-explicit only</c>.
/// </summary>
[Trait("Hosts", "one")]
public sealed class AccessCostTests(RunningParts parts)
{
    private const string Header = "x-unlogged";
    private const int Ecgs = 200;
    private const int Rounds = 20;
    private static readonly TimeSpan UntilStored = TimeSpan.FromSeconds(1.2);

    /// <summary>
    /// Each round reads the insights of all ECGs in a new session, so that every read is a new row: the highest cost of the log.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Print_the_processor_time_of_a_read_with_and_without_the_log()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(
            settings, builder => builder.Services.AddSingleton<MatcherPolicy, WithoutLog>(),
            ("RateLimits:Burst", "1000000"), ("RateLimits:PerSecond", "1000000"));
        var user = Guid.CreateVersion7();
        using var owner = host.Client(HandMadeToken.Create(host, settings.Issuer, user));
        var ecgs = new List<Guid>();
        for (var i = 0; i < Ecgs; i++)
        {
            ecgs.Add(await owner.Submit());
        }

        await Eventually.Holds(
            async () => await host.Query<long>("select count(*) from ecgs.ecgs where status = 'processed'") == Ecgs,
            TimeSpan.FromMinutes(2));
        var (with, without, empty) = (new List<Cost>(), new List<Cost>(), new List<Cost>());
        for (var round = -2; round < Rounds; round++)
        {
            var costs = (await Measure(isLogged: true), await Measure(isLogged: false), await Measure(isLogged: false, "/nothing-here"));
            if (round >= 0)
            {
                with.Add(costs.Item1);
                without.Add(costs.Item2);
                empty.Add(costs.Item3);
            }
        }

        Print("with the log", with);
        Print("without it", without);
        Print("a request without a route, which is 401", empty);
        Assert.Equal(
            (Rounds + 2L) * Ecgs, await host.Query<long>("select sum(count) from ecgs.accesses where action = 'ecg.read_insights'"));

        async Task<Cost> Measure(bool isLogged, string? address = null)
        {
            using var client = host.Client(HandMadeToken.Create(host, settings.Issuer, user, ("sid", $"{Guid.CreateVersion7()}")));
            if (!isLogged)
            {
                client.DefaultRequestHeaders.Add(Header, "1");
            }

            var sessions = await host.Query<int[]>(
                "select array_agg(pid) from pg_stat_activity where datname = current_database() and usename = 'ecgs_app'");
            var before = Cost.Now(sessions);
            foreach (var ecg in ecgs)
            {
                using var response = await client.GetAsync(address ?? $"{EcgCalls.Route}/{ecg}/insights");
                Assert.Equal(address is null ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, response.StatusCode);
            }

            await Task.Delay(UntilStored);
            return Cost.Now(sessions).Since(before);
        }

        static void Print(string name, List<Cost> costs) => TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: median of {costs.Count} rounds, for each of {Ecgs} reads: "
            + $"{Median(costs.Select(cost => cost.Host)):0.0} us of the host with its client, "
            + $"{costs.Average(cost => cost.Database.TotalMicroseconds) / Ecgs:0.0} us on average of PostgreSQL for the module"));

        static double Median(IEnumerable<TimeSpan> times) => times.Order().ElementAt(Rounds / 2).TotalMicroseconds / Ecgs;
    }

    /// <summary>Represents the processor time used so far.</summary>
    private sealed record Cost(TimeSpan Host, TimeSpan Database)
    {
        /// <param name="sessions">
        /// The processes of PostgreSQL's sessions. Those in a container are not visible, and their time is 0.
        /// </param>
        public static Cost Now(int[] sessions)
        {
            using var self = Process.GetCurrentProcess();
            var nanoseconds = sessions.Select(pid => $"/proc/{pid}/schedstat").Where(File.Exists)
                .Sum(file => long.Parse(File.ReadAllText(file).Split(' ')[0], CultureInfo.InvariantCulture));
            return new Cost(self.TotalProcessorTime, TimeSpan.FromMicroseconds(nanoseconds / 1000.0));
        }

        public Cost Since(Cost before) => new(Host - before.Host, Database - before.Database);
    }

    /// <summary>Routes requests with the header to the same handler without the access log.</summary>
    private sealed class WithoutLog : MatcherPolicy, IEndpointSelectorPolicy
    {
        private readonly Dictionary<Endpoint, Endpoint> unlogged = [];

        public override int Order => int.MaxValue;

        public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(endpoint => Handler(endpoint) is not null);

        public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
        {
            for (var i = 0; httpContext.Request.Headers.ContainsKey(Header) && i < candidates.Count; i++)
            {
                if (candidates.IsValidCandidate(i) && candidates[i].Endpoint is RouteEndpoint route && Handler(route) is { } handler)
                {
                    lock (unlogged)
                    {
                        if (!unlogged.TryGetValue(route, out var without))
                        {
                            var metadata = new EndpointMetadataCollection(route.Metadata.Where(note => note is not AuditedRoute));
                            unlogged[route] = without = new RouteEndpoint(
                                handler, route.RoutePattern, route.Order, metadata, route.DisplayName);
                        }

                        candidates.ReplaceEndpoint(i, without, candidates[i].Values);
                    }
                }
            }

            return Task.CompletedTask;
        }

        private static RequestDelegate? Handler(Endpoint endpoint) =>
            endpoint.RequestDelegate?.Target is { } target && target.GetType().Name == "LoggedRoute"
            ? (RequestDelegate)target.GetType().GetProperty("Route", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(target)!
            : null;
    }
}
