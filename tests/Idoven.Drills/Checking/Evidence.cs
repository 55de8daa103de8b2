using System.Globalization;
using System.Text.Json;
using Idoven.Drills.Load;
using Idoven.Drills.Running;

namespace Idoven.Drills.Checking;

/// <summary>A public event as the feed or the subscriber has it.</summary>
/// <param name="Id">Of the event; a repetition has the same.</param>
/// <param name="Sequence">Its number.</param>
/// <param name="Type">Such as <c>idoven.ecg.processed.v1</c>.</param>
/// <param name="Ecg">The ECG that it is about.</param>
/// <param name="EngineVersion">Of a processed event; null otherwise.</param>
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

/// <summary>A row of <c>ecgs.ecgs</c>.</summary>
internal sealed record StoredEcg(Guid Id, string Owner, string? ExternalId, string Status, string? FailureReason);

/// <summary>How many insight sets an ECG has of one engine version.</summary>
internal sealed record StoredInsights(Guid Ecg, string EngineVersion, long Sets);

/// <summary>A user whose deletion the service confirmed, and what is left.</summary>
/// <param name="User">The id.</param>
/// <param name="Rows">Table and column of every row that still has the id where none may be.</param>
/// <param name="UnfinishedModules">Modules that have not reported the end of the erasure.</param>
/// <param name="TokenStatus">What a request with the user's old token is answered with; null: no token was issued.</param>
internal sealed record ErasedUser(Guid User, IReadOnlyList<string> Rows, IReadOnlyList<string> UnfinishedModules, int? TokenStatus);

/// <summary>What was measured of one host.</summary>
/// <param name="Index">Which.</param>
/// <param name="LinesPerSecond">The most log lines in one second.</param>
/// <param name="PeakMemory">Bytes.</param>
/// <param name="UnexpectedEnds">How its process ended although no fault ended it.</param>
internal sealed record HostFigures(int Index, int LinesPerSecond, long PeakMemory, IReadOnlyList<string> UnexpectedEnds)
{
    /// <summary>Lines of the busiest second.</summary>
    public IReadOnlyList<string> BusiestLines { get; init; } = [];
}

/// <summary>Everything that the checker judges a drill by.</summary>
internal sealed record Evidence
{
    public IReadOnlyList<Operation> Operations { get; init; } = [];

    public IReadOnlyList<StoredEcg> Ecgs { get; init; } = [];

    public IReadOnlyList<StoredInsights> Insights { get; init; } = [];

    /// <summary>The feed, page by page, in its order.</summary>
    public IReadOnlyList<SeenEvent> Feed { get; init; } = [];

    /// <summary>The cursor at which the feed was answered with 410; null: never.</summary>
    public long? FeedGoneAfter { get; init; }

    /// <summary>The numbers in the table of the outbox, in ascending order.</summary>
    public IReadOnlyList<long> StoredSequences { get; init; } = [];

    /// <summary>What the subscriber got, in its order.</summary>
    public IReadOnlyList<SeenEvent> Received { get; init; } = [];

    /// <summary>Messages in each queue of the virtual host.</summary>
    public IReadOnlyDictionary<string, long> Queues { get; init; } = new Dictionary<string, long>();

    /// <summary>Rows of the outboxes that are not sent, by module.</summary>
    public IReadOnlyDictionary<string, long> Unsent { get; init; } = new Dictionary<string, long>();

    /// <summary>Parked messages, by module.</summary>
    public IReadOnlyDictionary<string, long> Parked { get; init; } = new Dictionary<string, long>();

    /// <summary>Messages between modules that were sent, but that a consumer has no inbox row of: <c>module/queue/id</c>.</summary>
    public IReadOnlyList<string> MissingInboxRows { get; init; } = [];

    public IReadOnlyList<ErasedUser> Erased { get; init; } = [];

    /// <summary>Tables whose rows a repeated delivery changed; empty also if none was repeated.</summary>
    public IReadOnlyList<string> ChangedByRepetition { get; init; } = [];

    public IReadOnlyList<HostFigures> Hosts { get; init; } = [];

    /// <summary>The most memory of a host in a drill without a fault, in bytes; null if it was not measured.</summary>
    public long? CleanMemory { get; init; }

    public IReadOnlyList<DownSpan> DownSpans { get; init; } = [];

    /// <summary>How many times the limits of answers and recovery apply: quick drills share the machine, so they have three times as long.</summary>
    public double TimeFactor { get; init; } = 1;

    /// <summary>Seconds from the repair until all hosts were ready, a new upload was processed and nothing waited; null: it never was.</summary>
    public double? RecoverySeconds { get; init; }

    /// <summary>What the fault itself found wrong while it lasted.</summary>
    public IReadOnlyList<Violation> Observed { get; init; } = [];

    public FaultTraits Traits { get; init; } = new();
}

/// <summary>What a fault may cause that would be wrong without it.</summary>
internal sealed record FaultTraits
{
    /// <summary>Events may arrive more than once (with the same id and number).</summary>
    public bool MayRepeatEvents { get; init; } = true;

    /// <summary>A connection to the database may end during a commit: then a 503 does not say whether it was carried out.</summary>
    public bool BreaksCommits { get; init; }

    /// <summary>Tokens may be rejected as expired, or as not issued yet.</summary>
    public bool MovesClock { get; init; }

    /// <summary>Some ECGs must end as failed, after attempts that use much memory or end the host.</summary>
    public bool HasPoison { get; init; }

    /// <summary>A host may end by itself: the fault makes it.</summary>
    public bool EndsHosts { get; init; }
}

/// <summary>A rule that a drill has broken.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Text">What was found.</param>
internal sealed record Violation(string Rule, string Text)
{
    public override string ToString() => $"{Rule}: {Text}";
}
