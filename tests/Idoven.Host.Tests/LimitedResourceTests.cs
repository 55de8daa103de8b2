using System.Reflection;
using System.Text;
using System.Threading.Channels;
using System.Threading.RateLimiting;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Data.Limits;
using Idoven.Shared.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests;

/// <summary>
/// Tests the limited resources of the service: the printed table, and that each row has tests, which name it by the trait <see
/// cref="Trait"/>.
/// </summary>
public sealed class LimitedResourceTests(RunningParts parts)
{
    /// <summary>
    /// The trait of a test of a row: a caller at its maximum gets the error response of the row, and others are served meanwhile.
    /// </summary>
    public const string Trait = "Resource";

    /// <summary>The limits in the code, each with its row or the reason why no caller can use it up.</summary>
    private static readonly Dictionary<string, string> Bounds = new()
    {
        ["Idoven.Shared.Web.CallerSlots.shares"] = "row: uploads in progress, downloads in progress, "
            + "unfinished bodies of requests without a token, answered requests with an unfinished body, requests that wait for insights",
        ["Idoven.Shared.Web.CallerSlot.slots"] = "a place in one of them",
        ["Idoven.Host.Http.SmallBodies.unfinished"] = "row: unfinished bodies of requests without a token",
        ["Idoven.Host.Http.UnreadBodies.discarding"] = "row: answered requests with an unfinished body",
        ["Idoven.Host.Http.RateLimits.buckets"] = "row: requests",
        ["Idoven.Ecgs.Application.Signals.SignalBudget.shares"] = "row: memory for uploads",
        ["Idoven.Ecgs.Application.Signals.CallerBudget.shares"] = "row: memory for uploads",
        ["Idoven.Shared.Data.Limits.CallerTurns+Turn.turns"] = "a place in one of the others",
        ["Idoven.Ecgs.Api.Upload.UploadGate.reading"] = "row: turns of uploads",
        ["Idoven.Ecgs.Api.Upload.UploadGate.storing"] = "row: turns of uploads",
        ["Idoven.Ecgs.Api.Upload.UploadGate.storingWhileBehind"] = "row: turns of uploads",
        ["Idoven.Ecgs.Api.Upload.UploadIntake.slots"] = "row: uploads in progress",
        ["Idoven.Ecgs.Infrastructure.InsightWaiters.slots"] = "row: requests that wait for insights",
        ["Idoven.Ecgs.Application.Processing.Slots+Slot.slots"] = "a place in one of the others",
        ["Idoven.Shared.Messaging.Leadership.LeaderLease.turn"] = "one renewal of the lease at a time; no caller takes it",
        ["Idoven.Shared.Messaging.Messages.ModuleMessaging`1.signal"] = "wakes the worker; no caller takes it",
        ["Idoven.Ecgs.Application.Processing.AnalysisSlots.free"] = "row: turns of the analysis",
        ["Idoven.Identity.SignIn.SignInThrottle.shares"] = "row: attempts that wait",
        ["Idoven.Identity.SignIn.SignInThrottle+Slot.shares"] = "row: attempts that wait",
        ["Idoven.Identity.SignIn.HashingGate.slots"] = "row: hashes of passwords",
        ["Idoven.Identity.SignIn.HashingGate+Lane.turns"] = "row: hashes of passwords",
        ["Idoven.Identity.SignIn.HashingGate+Lane.waiting"] = "row: hashes of passwords",
    };

    private static readonly Type[] KindsOfBound =
    [
        typeof(SemaphoreSlim), typeof(CallerShares), typeof(CallerSlots), typeof(CallerTurns), typeof(PartitionedRateLimiter<>),
        typeof(RateLimiter), typeof(Channel<>),
    ];

    /// <summary>With <c>IDOVEN_WRITE_DOCS=1</c> the test writes the document instead.</summary>
    [Fact, Trait("Hosts", "one")]
    public async Task Shares_document_equals_the_registered_resources()
    {
        var path = Path.Combine(Repository.Root, "docs", "shares.md");
        var printed = Print();
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, printed);
        }

        Assert.Equal(await File.ReadAllTextAsync(path), printed);
    }

    [Fact, Trait("Hosts", "one")]
    public void Every_row_has_a_test_and_every_such_test_has_a_row()
    {
        var names = Resources().Select(resource => resource.Name).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.Equal(names.Order(StringComparer.Ordinal), Tests().Select(test => test.Key).Order(StringComparer.Ordinal));
    }

    [Fact, Trait("Hosts", "one")]
    public void Every_limit_in_the_code_has_a_row_or_a_reason()
    {
        var found = AppDomain.CurrentDomain.GetAssemblies()
            .Where(
                assembly =>
                    assembly.GetName().Name is { } name
                        && name.StartsWith("Idoven.", StringComparison.Ordinal)
                        && !name.EndsWith("Tests", StringComparison.Ordinal))
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(
                type => type.GetFields(
                    BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly),
                (type, field) => (Type: type, Field: field))
            .Where(found => found.Type.Name[0] != '<')
            .Where(
                found => KindsOfBound.Contains(
                    found.Field.FieldType.IsGenericType ? found.Field.FieldType.GetGenericTypeDefinition() : found.Field.FieldType))
            .Select(found => $"{found.Type.FullName}.{Name(found.Field)}")
            .ToHashSet();
        Assert.Empty(found.Except(Bounds.Keys));
        Assert.Empty(Bounds.Keys.Except(found));
    }

    private static string Name(FieldInfo field) =>
        field.Name[0] == '<' ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;

    private static ILookup<string, string> Tests() => typeof(LimitedResourceTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public))
        .SelectMany(method => method.GetCustomAttributes<TraitAttribute>(), (method, trait) => (method, trait))
        .Where(test => test.trait.Name == Trait)
        .OrderBy(test => test.method.DeclaringType!.Name, StringComparer.Ordinal).ThenBy(test => test.method.Name, StringComparer.Ordinal)
        .ToLookup(test => test.trait.Value, test => $"`{test.method.DeclaringType!.Name}.{test.method.Name}`");

    private IEnumerable<LimitedResource> Resources() => parts.Host.Services.GetServices<LimitedResource>();

    private string Print()
    {
        var tests = Tests();
        var text = new StringBuilder(
            """
            # Limits and shares

            This table lists the limited resources of a host, of its database, and of the recipients of e-mail.
            Each has a limit for all callers and a share for one caller, so that a caller at its maximum is rejected while others
            are served. It is printed from the running host by `LimitedResourceTests`, which also fails if a row has no test
            or if the code limits a resource without a row. The numbers are the defaults.

            | what | who can take it | of all callers | of one caller | beyond the share; beyond all | tests |
            |---|---|---|---|---|---|

            """);
        foreach (var resource in Resources().OrderBy(resource => resource.Name, StringComparer.Ordinal))
        {
            text.Append($"| {resource.Name} | {resource.TakenBy} | {resource.Limit} | {resource.Share} | {resource.Answer} ");
            text.Append($"| {string.Join(", ", tests[resource.Name])} |\n");
        }

        return text.ToString();
    }
}
