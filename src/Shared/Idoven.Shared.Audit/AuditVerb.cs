using System.Globalization;
using System.Text.RegularExpressions;
using Idoven.Shared.Data.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Audit;

/// <summary>The verb <c>audit</c> of an operator: compares the audit log with its seals.</summary>
public static partial class AuditVerb
{
    private const string Usage = """
        audit verify [head=MODULE:NUMBER:HASH]... [trust=KEY]...

        Compares the audit log of each module with its seals, and reports entries that were changed, are missing or were never sealed.
        head   a head that an earlier run printed: the seals must still contain it
        trust  the id of an earlier sealing key, as an earlier run printed it
        """;

    private const string Limits = """
        This proves that sealed rows are as they were when a host that has the key sealed them. It does not prove
        - that what a host recorded is true: an attacker that controls a host or the role of the module can record what never happened;
        - that rows were not left out or removed before they were sealed, within about five seconds (a minute for counts);
        - that the newest seals were not removed together with their rows: keep the heads elsewhere, and give them as head=
        - anything against an attacker that has the key: keep it apart from the database and its backups.
        """;

    private const int MostOfOneModule = 1000;

    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private const int FoundExitCode = 1;

    /// <returns>0 if nothing was found, 1 if something was found, 64 if the arguments are not valid.</returns>
    /// <exception cref="ConfigurationException">No module of this host has an audit log.</exception>
    public static async Task<int> Run(IServiceProvider services, string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        var checks = services.GetServices<AuditCheck>().ToList();
        if (checks.Count == 0)
        {
            throw new ConfigurationException("No module that Modules:Enabled names has an audit log, which the verb audit reads.");
        }

        var heads = words.Skip(1).Select(word => HeadWord().Match(word)).Where(match => match.Success).ToList();
        string[] trusted = [.. words.Skip(1).Where(word => TrustWord().IsMatch(word)).Select(word => word["trust=".Length..])];
        var isUnderstood = words is ["verify", ..] && heads.Count + trusted.Length == words.Length - 1
            && heads.TrueForAll(head => checks.Exists(check => check.Module == head.Groups["module"].Value))
            && heads.DistinctBy(head => head.Groups["module"].Value).Count() == heads.Count;
        if (!isUnderstood)
        {
            await errors.WriteLineAsync(Usage);
            return UsageExitCode;
        }

        var found = 0L;
        foreach (var check in checks)
        {
            found += await Run(
                check, trusted, heads.Find(head => head.Groups["module"].Value == check.Module)?.Groups["seal"].Value, output, ct);
        }

        await output.WriteLineAsync(found == 0 ? "Nothing was changed, and nothing is missing." : $"{found} findings.");
        await output.WriteLineAsync(Limits);
        return found == 0 ? 0 : FoundExitCode;
    }

    private static async Task<long> Run(AuditCheck check, string[] trusted, string? head, TextWriter output, CancellationToken ct)
    {
        var found = 0L;
        var state = await check.Run(trusted, head, Report, ct);
        if (found > MostOfOneModule)
        {
            await output.WriteLineAsync($"{check.Module}: and {found - MostOfOneModule} more");
        }

        var last = state.At is { } at ? AuditCheck.Format(at) : "never";
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{check.Module}: {state.Rows} rows, {state.Seals} seals, the last of {last}; "
            + $"{state.Waiting} rows wait for their seal, {state.Aged} sealed rows left because of their age"));
        await output.WriteLineAsync($"{check.Module}: head={check.Module}:{state.Head ?? "none"}");
        var keys = state.Keys.Count == 0 ? "no trusted key" : string.Join(", ", state.Keys);
        await output.WriteLineAsync($"{check.Module}: signed by {keys}; this host signs by {check.KeyId}");
        return found;

        Task Report(AuditFinding finding) => ++found > MostOfOneModule ? Task.CompletedTask : output.WriteLineAsync(
            $"{check.Module}: {finding.Text}");
    }

    [GeneratedRegex("^head=(?<module>[a-z]+):(?<seal>[0-9]{1,18}:[0-9a-f]{64})$")]
    private static partial Regex HeadWord();

    [GeneratedRegex("^trust=[0-9a-f]{64}$")]
    private static partial Regex TrustWord();
}
