using System.Globalization;
using System.Text.Json;
using Idoven.Drills.Load;
using Idoven.Drills.Running;

namespace Idoven.Drills.Checking;

/// <summary>Represents a public event in the feed or at the subscriber.</summary>
/// <param name="Id">The id of the event; a repeated delivery has the same id.</param>
/// <param name="Sequence">The number of the event.</param>
/// <param name="Type">The event type, such as <c>idoven.ecg.processed.v1</c>.</param>
/// <param name="Ecg">The id of the ECG.</param>
/// <param name="EngineVersion">The engine version in a processed event; otherwise null.</param>
internal sealed record SeenEvent(Guid Id, long Sequence, string Type, Guid Ecg, string? EngineVersion = null)
{
    public bool IsProcessed => Type == "idoven.ecg.processed.v1";

    public bool IsFailed => Type == "idoven.ecg.failed.v1";

    public bool IsDeleted => Type == "idoven.ecg.deleted.v1";
}

internal static class EventReader
{
    public static SeenEvent Read(JsonElement document) => new(
        document.GetProperty("id").GetGuid(),
        long.Parse(document.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture),
        document.GetProperty("type").GetString()!,
        document.GetProperty("subject").GetGuid(),
        document.GetProperty("data").TryGetProperty("engineVersion", out var version) ? version.GetString() : null);
}

/// <summary>Represents a row of <c>ecgs.ecgs</c>.</summary>
internal sealed record StoredEcg(Guid Id, string Owner, string? ExternalId, string Status, string? FailureReason);

/// <summary>Represents the number of insight sets that an ECG has of one engine version.</summary>
internal sealed record StoredInsights(Guid Ecg, string EngineVersion, long Sets);

/// <summary>Represents a user whose deletion the service confirmed, and the data that remain.</summary>
/// <param name="User">The id of the user.</param>
/// <param name="Rows">The table and column of every row that still has the id although it must not.</param>
/// <param name="UnfinishedModules">Modules that have not reported the end of the erasure.</param>
/// <param name="TokenStatus">The status of the response to a request with the user's old token; null if no token was issued.</param>
internal sealed record ErasedUser(Guid User, IReadOnlyList<string> Rows, IReadOnlyList<string> UnfinishedModules, int? TokenStatus);

/// <summary>Represents the measurements of one host.</summary>
/// <param name="Index">The index of the host.</param>
/// <param name="LinesPerSecond">The highest number of log lines in one second.</param>
/// <param name="PeakMemory">The peak memory in bytes.</param>
/// <param name="UnexpectedEnds">How the process ended, for each time that it ended without a fault.</param>
internal sealed record HostFigures(int Index, int LinesPerSecond, long PeakMemory, IReadOnlyList<string> UnexpectedEnds)
{
    /// <summary>Gets the log lines of the second with the most lines.</summary>
    public IReadOnlyList<string> BusiestLines { get; init; } = [];
}

/// <summary>Represents everything that the checker evaluates after a drill.</summary>
internal sealed record Evidence
{
    public IReadOnlyList<Operation> Operations { get; init; } = [];

    public IReadOnlyList<StoredEcg> Ecgs { get; init; } = [];

    public IReadOnlyList<StoredInsights> Insights { get; init; } = [];

    /// <summary>Gets the events of the feed, in its order.</summary>
    public IReadOnlyList<SeenEvent> Feed { get; init; } = [];

    /// <summary>Gets the cursor at which the feed was answered with 410; null if it never was.</summary>
    public long? FeedGoneAfter { get; init; }

    /// <summary>Gets the event numbers in the outbox table, in ascending order.</summary>
    public IReadOnlyList<long> StoredSequences { get; init; } = [];

    /// <summary>Gets the events that the subscriber received, in the order of arrival.</summary>
    public IReadOnlyList<SeenEvent> Received { get; init; } = [];

    /// <summary>Gets the number of messages in each queue of the virtual host.</summary>
    public IReadOnlyDictionary<string, long> Queues { get; init; } = new Dictionary<string, long>();

    /// <summary>Gets the number of unsent outbox rows, by module.</summary>
    public IReadOnlyDictionary<string, long> Unsent { get; init; } = new Dictionary<string, long>();

    /// <summary>Gets the number of parked messages, by module.</summary>
    public IReadOnlyDictionary<string, long> Parked { get; init; } = new Dictionary<string, long>();

    /// <summary>Gets the messages between modules that were sent, but for which a consumer has no inbox row.</summary>
    public IReadOnlyList<string> MissingInboxRows { get; init; } = [];

    public IReadOnlyList<ErasedUser> Erased { get; init; } = [];

    /// <summary>Gets the tables whose rows a repeated delivery changed; also empty if no delivery was repeated.</summary>
    public IReadOnlyList<string> ChangedByRepetition { get; init; } = [];

    public IReadOnlyList<HostFigures> Hosts { get; init; } = [];

    /// <summary>Gets the peak memory of a host in a drill without a fault, in bytes; null if it was not measured.</summary>
    public long? CleanMemory { get; init; }

    public IReadOnlyList<DownSpan> DownSpans { get; init; } = [];

    /// <summary>Gets the factor for the time limits of responses and recovery: 3 in quick drills, which share the machine.</summary>
    public double TimeFactor { get; init; } = 1;

    /// <summary>
    /// Gets the seconds from the repair until all hosts were ready, a new upload was processed and no work was pending; null if never.
    /// </summary>
    public double? RecoverySeconds { get; init; }

    /// <summary>Gets the violations that the fault itself detected.</summary>
    public IReadOnlyList<Violation> Observed { get; init; } = [];

    public FaultTraits Traits { get; init; } = new();
}

/// <summary>Describes effects that are allowed only because of a fault.</summary>
internal sealed record FaultTraits
{
    /// <summary>Gets whether events may arrive more than once (with the same id and number).</summary>
    public bool MayRepeatEvents { get; init; } = true;

    /// <summary>
    /// Gets whether a connection to the database may end during a commit; then a 503 does not show whether the commit was carried out.
    /// </summary>
    public bool BreaksCommits { get; init; }

    /// <summary>Gets whether tokens may be rejected as expired, or as not issued yet.</summary>
    public bool MovesClock { get; init; }

    /// <summary>Gets whether some ECGs may end as failed, after attempts that use much memory or end the host.</summary>
    public bool HasPoison { get; init; }

    /// <summary>Gets whether a host process may end without a signal, because of the fault.</summary>
    public bool EndsHosts { get; init; }
}

/// <summary>Represents the violation of a rule in a drill.</summary>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Text">The description of the violation.</param>
internal sealed record Violation(string Rule, string Text)
{
    public override string ToString() => $"{Rule}: {Text}";
}
