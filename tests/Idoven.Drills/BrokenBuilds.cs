using Idoven.Drills.Faults;
using Idoven.Drills.Running;
using Idoven.Host.Tests.Parts;

namespace Idoven.Drills;

/// <summary>Represents a deliberate defect, the fault that must reveal it, and the rules of which one must report it.</summary>
internal sealed record BrokenBuild(string Patch, string Fault, IReadOnlyList<string> Rules);

/// <param name="Row">A row of the report.</param>
internal sealed record BrokenResult(string Row, bool WasCaught);

/// <summary>
/// Builds the host with each patch of <c>Broken/</c> and expects the checker to report the defect, to prove that the checker can fail.
/// </summary>
internal static class BrokenBuilds
{
    private const int Seed = 1;

    public static IReadOnlyList<BrokenBuild> All { get; } =
    [
        new(
            "ack-before-commit.patch", "kill-host-in-commit",
            ["upload-unfinished", "outbox-not-empty", "event-missing", "erasure-unfinished"]),
        new("publish-outside-transaction.patch", "kill-host-in-commit", ["event-doubled", "event-missing", "upload-unfinished"]),
        new("no-inbox.patch", "repeated-deliveries", ["repetition-had-effect"]),
    ];

    public static async Task<IReadOnlyList<BrokenResult>> Run(
        Servers servers, Reaper reaper, Template template, string hostFolder, CancellationToken ct)
    {
        // A rule that the unpatched build breaks too does not prove that the patch was detected.
        var unpatched = new Dictionary<string, HashSet<string>>();
        var sources = await Builds.CopySources(commit: null, ct);
        var results = new List<BrokenResult>();
        foreach (var broken in All)
        {
            var fault = Catalog.Find(broken.Fault)!;
            if (!unpatched.TryGetValue(fault.Name, out var before))
            {
                var clean = await new Drill(servers, template, reaper, hostFolder, isQuick: true).Run(fault, Seed, cleanMemory: null, ct);
                Console.WriteLine(Report.Row(clean));
                unpatched[fault.Name] = before = [.. clean.Violations.Select(violation => violation.Rule)];
            }

            var result = await RunOne(broken, fault, before, sources, new(servers, template, reaper), ct);
            Console.WriteLine(result.Row);
            results.Add(result);
        }

        return results;
    }

    private static async Task<BrokenResult> RunOne(
        BrokenBuild broken, Fault fault, HashSet<string> before, string sources,
        (Servers Servers, Template Template, Reaper Reaper) parts, CancellationToken ct)
    {
        var patch = Path.Combine(Repository.Root, "tests", "Idoven.Drills", "Broken", broken.Patch);
        string folder;
        try
        {
            await Builds.Apply(sources, patch, reverse: false, ct);
            folder = await Builds.BuildHost(sources, ct);
        }
        catch (InvalidOperationException e)
        {
            return Result(broken, false, $"the patch does not apply or does not compile: {Short(e.Message)}");
        }

        var drilled = await new Drill(parts.Servers, parts.Template, parts.Reaper, folder, isQuick: true)
            .Run(fault, Seed, cleanMemory: null, ct);
        await Builds.Apply(sources, patch, reverse: true, ct);
        var found = drilled.Violations.Where(violation => broken.Rules.Contains(violation.Rule)).ToList();
        var caught = found.Where(violation => !before.Contains(violation.Rule)).ToList();
        return caught.Count > 0
            ? Result(broken, true, string.Join(" · ", caught))
            : Result(broken, false, found.Count > 0
                ? $"the unpatched build breaks the same rules: {string.Join(", ", found.Select(violation => violation.Rule))}"
                : $"none of {string.Join(", ", broken.Rules)} was reported; reported: {string.Join(" · ", drilled.Violations)}");
    }

    private static BrokenResult Result(BrokenBuild broken, bool wasCaught, string text)
    {
        var verdict = wasCaught ? "caught" : "**NOT CAUGHT**";
        return new($"| {broken.Patch} | {broken.Fault} | {Seed} | {verdict} {Report.Escape(text)} |", wasCaught);
    }

    private static string Short(string text) => text.Length > 500 ? text[..500] : text;
}
