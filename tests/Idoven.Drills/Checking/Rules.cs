using Idoven.Drills.Load;

namespace Idoven.Drills.Checking;

/// <summary>
/// Checks the rules that must hold after every drill. Each rule is one function over the evidence that returns its violations;
/// <see cref="All"/> is the list that docs/drills.md documents.
/// </summary>
internal static class Rules
{
    public const double AnswerSeconds = 5;
    public const double RecoverySeconds = 15;
    public const int LinesPerSecond = 10;
    public const double MemoryFactor = 1.3;

    /// <summary>The highest number of examples that are reported for a rule.</summary>
    private const int Examples = 5;

    public static IReadOnlyList<(string Name, Func<Evidence, IEnumerable<string>> Find)> All { get; } =
    [
        ("accepted-upload-lost", AcceptedUploadLost),
        ("upload-unfinished", UploadUnfinished),
        ("upload-stored-twice", UploadStoredTwice),
        ("key-with-two-ids", KeyWithTwoIds),
        ("rejected-request-stored", RejectedRequestStored),
        ("insights-doubled", InsightsDoubled),
        ("event-missing", EventMissing),
        ("event-doubled", EventDoubled),
        ("event-after-deletion", EventAfterDeletion),
        ("sequence-hole", SequenceHole),
        ("sequence-twin", SequenceTwin),
        ("feed-gone", FeedGone),
        ("subscriber-missed-event", SubscriberMissedEvent),
        ("subscriber-unknown-event", SubscriberUnknownEvent),
        ("subscriber-duplicate", SubscriberDuplicate),
        ("deleted-ecg-stored", DeletedEcgStored),
        ("erased-user-left", ErasedUserLeft),
        ("erased-token-accepted", ErasedTokenAccepted),
        ("erasure-unfinished", ErasureUnfinished),
        ("repetition-had-effect", RepetitionHadEffect),
        ("inbox-row-missing", evidence => evidence.MissingInboxRows),
        ("queue-not-empty", QueueNotEmpty),
        ("outbox-not-empty", evidence => NotEmpty(evidence.Unsent, "unsent rows")),
        ("parked-not-empty", evidence => NotEmpty(evidence.Parked, "parked messages")),
        ("no-answer", NoAnswer),
        ("slow-answer", SlowAnswer),
        ("server-error", ServerError),
        ("token-rejected", TokenRejected),
        ("no-retry-after", NoRetryAfter),
        ("log-flood", LogFlood),
        ("memory", Memory),
        ("host-ended", HostEnded),
        ("recovery", Recovery),
    ];

    /// <summary>Applies every rule.</summary>
    public static IReadOnlyList<Violation> Check(Evidence evidence) =>
    [
        .. evidence.Observed,
        .. from rule in All
           let found = rule.Find(evidence).ToList()
           where found.Count > 0
           select new Violation(rule.Name, Shorten(found)),
    ];

    /// <summary>Counts the accepted ECGs that are neither stored nor deleted, or that have no result.</summary>
    public static int Lost(Evidence evidence) =>
        AcceptedUploadLost(evidence).Count() + UploadUnfinished(evidence).Count() + EventMissing(evidence).Count();

    /// <summary>Counts the effects that happened twice.</summary>
    public static int Doubled(Evidence evidence) =>
        UploadStoredTwice(evidence).Count() + InsightsDoubled(evidence).Count() + EventDoubled(evidence).Count()
            + RepetitionHadEffect(evidence).Count();

    /// <summary>Counts the repeated deliveries at the subscriber.</summary>
    public static int Duplicates(Evidence evidence) =>
        evidence.Received.Count - evidence.Received.Select(seen => seen.Id).Distinct().Count();

    /// <summary>Counts the distinct uploads that were answered with success.</summary>
    public static int Accepted(Evidence evidence) => AcceptedIds(evidence).Count;

    private static string Shorten(List<string> found) => found.Count <= Examples
        ? string.Join("; ", found)
        : $"{string.Join("; ", found.Take(Examples))}; and {found.Count - Examples} more";

    /// <summary>Finds accepted ECGs that are not stored although they were not deleted.</summary>
    private static IEnumerable<string> AcceptedUploadLost(Evidence evidence)
    {
        var stored = evidence.Ecgs.Select(ecg => ecg.Id).ToHashSet();
        var mayBeDeleted = MayBeDeleted(evidence);
        return AcceptedIds(evidence)
            .Where(id => !stored.Contains(id) && !mayBeDeleted.Contains(id))
            .Select(id => $"ECG {id} was accepted but is not stored");
    }

    /// <summary>Finds ECGs that are still queued, or failed without a reason. Without poison no ECG may fail.</summary>
    private static IEnumerable<string> UploadUnfinished(Evidence evidence) => evidence.Ecgs
        .Where(ecg => ecg.Status == "queued"
            || (ecg.Status == "failed" && (string.IsNullOrEmpty(ecg.FailureReason) || !evidence.Traits.HasPoison)))
        .Select(ecg => $"ECG {ecg.Id} is {ecg.Status}{(ecg.FailureReason is null ? "" : $" ({ecg.FailureReason})")}");

    private static IEnumerable<string> UploadStoredTwice(Evidence evidence) => evidence.Ecgs
        .Where(ecg => ecg.ExternalId is not null)
        .GroupBy(ecg => (ecg.Owner, ecg.ExternalId))
        .Where(group => group.Count() > 1)
        .Select(group => $"upload {group.Key.ExternalId} is stored {group.Count()} times");

    private static IEnumerable<string> KeyWithTwoIds(Evidence evidence) => evidence.Operations
        .Where(operation => operation is { Kind: OperationKind.Upload, Key: not null, IsSuccess: true, Ecg: not null })
        .GroupBy(operation => operation.Key)
        .Where(group => group.Select(operation => operation.Ecg).Distinct().Count() > 1)
        .Select(group => $"{group.Key} was answered with {group.Select(operation => operation.Ecg).Distinct().Count()} ids");

    /// <summary>
    /// Finds stored ECGs although every request for them was rejected. A lost response is not a rejection; nor is a 503, but only if the
    /// fault ends connections to the database during a commit.
    /// </summary>
    private static IEnumerable<string> RejectedRequestStored(Evidence evidence)
    {
        var stored = evidence.Ecgs.Where(ecg => ecg.ExternalId is not null).Select(ecg => ecg.ExternalId!).ToHashSet();
        return evidence.Operations
            .Where(operation => operation.ExternalId is not null)
            .GroupBy(operation => operation.ExternalId!)
            .Where(group => stored.Contains(group.Key) && group.All(IsRejected))
            .Select(group => $"{group.Key} is stored although it was answered with {Outcomes(group)}");

        bool IsRejected(Operation operation) => !operation.IsSuccess && operation.Outcome != Outcome.Lost
            && !(evidence.Traits.BreaksCommits && operation.Status >= 500);

        static string Outcomes(IEnumerable<Operation> operations) => string.Join(", ", operations.Select(Describe).Distinct());
    }

    private static IEnumerable<string> InsightsDoubled(Evidence evidence) =>
    [
        .. evidence.Insights
            .Where(set => set.Sets > 1)
            .Select(set => $"ECG {set.Ecg} has {set.Sets} insight sets of engine {set.EngineVersion}"),
        .. evidence.Insights
            .GroupBy(set => set.Ecg)
            .Where(group => group.Count() > 1)
            .Select(group => (Ecg: group.Key, Engines: group.Select(set => set.EngineVersion).ToList()))
            .Select(found => $"ECG {found.Ecg} was analysed by {found.Engines.Count} engines: {string.Join(", ", found.Engines)}"),
        .. evidence.Ecgs.Where(ecg => ecg.Status == "processed").Select(ecg => ecg.Id).Except(evidence.Insights.Select(set => set.Ecg))
            .Select(id => $"ECG {id} is processed but has no insight set"),
    ];

    /// <summary>Finds processed, failed or deleted ECGs without an event in the feed.</summary>
    private static IEnumerable<string> EventMissing(Evidence evidence)
    {
        var processed = evidence.Feed.Where(seen => seen.IsProcessed).Select(seen => seen.Ecg).ToHashSet();
        var failed = evidence.Feed.Where(seen => seen.IsFailed).Select(seen => seen.Ecg).ToHashSet();
        var deleted = evidence.Feed.Where(seen => seen.IsDeleted).Select(seen => seen.Ecg).ToHashSet();
        return
        [
            .. evidence.Ecgs
                .Where(ecg => ecg.Status == "processed" && !processed.Contains(ecg.Id))
                .Select(ecg => $"ECG {ecg.Id} is processed but has no event"),
            .. evidence.Ecgs
                .Where(ecg => ecg.Status == "failed" && !failed.Contains(ecg.Id))
                .Select(ecg => $"ECG {ecg.Id} has failed but has no event"),
            .. DeletedIds(evidence)
                .Where(id => !deleted.Contains(id))
                .Select(id => $"ECG {id} is deleted but has no event"),
        ];
    }

    /// <summary>
    /// Finds repeated processed events of one ECG and engine, repeated failed events, and processed events of other ECGs.
    /// </summary>
    private static IEnumerable<string> EventDoubled(Evidence evidence)
    {
        var statuses = evidence.Ecgs.ToDictionary(ecg => ecg.Id, ecg => ecg.Status);
        return
        [
            .. evidence.Feed
                .Where(seen => !seen.IsDeleted)
                .GroupBy(seen => (seen.Ecg, seen.Type))
                .Where(group => group.Count() > 1)
                .Select(group => $"the feed has {group.Count()} events {group.Key.Type} of ECG {group.Key.Ecg}"),
            .. from seen in evidence.Feed
               let status = statuses.GetValueOrDefault(seen.Ecg)
               where seen.IsProcessed && status != "processed"
               select $"event {seen.Sequence} reports ECG {seen.Ecg} as processed, but it is {status ?? "not stored"}",
        ];
    }

    /// <summary>Finds events with a higher number than the deleted event of their ECG, in the feed and at the subscriber.</summary>
    private static IEnumerable<string> EventAfterDeletion(Evidence evidence) =>
        from source in (IReadOnlyList<(string Name, IReadOnlyList<SeenEvent> Events)>)
            [("the feed", evidence.Feed), ("the subscriber", evidence.Received)]
        from ecg in source.Events.GroupBy(seen => seen.Ecg)
        let deleted = ecg.Where(seen => seen.IsDeleted).Select(seen => seen.Sequence).DefaultIfEmpty(long.MaxValue).Min()
        from later in ecg.Where(seen => !seen.IsDeleted && seen.Sequence > deleted)
        select $"{source.Name} has {later.Type} as number {later.Sequence} of ECG {ecg.Key}, which was deleted with number {deleted}";

    private static IEnumerable<string> SequenceHole(Evidence evidence) =>
        from source in Sequences(evidence)
        let numbers = source.Numbers.ToHashSet()
        where numbers.Count > 0
        let missing = Range(numbers.Max()).Where(number => !numbers.Contains(number)).ToList()
        where missing.Count > 0
        select $"{source.Name} lacks {missing.Count} numbers up to {numbers.Max()}, the first is {missing[0]}";

    /// <summary>Finds numbers that belong to two events, and events with two numbers.</summary>
    private static IEnumerable<string> SequenceTwin(Evidence evidence) =>
    [
        .. evidence.StoredSequences
            .GroupBy(number => number)
            .Where(group => group.Count() > 1)
            .Select(group => $"the outbox has number {group.Key} {group.Count()} times"),
        .. from source in (IReadOnlyList<(string Name, IReadOnlyList<SeenEvent> Events)>)
           [
               ("the feed", evidence.Feed),
               ("the subscriber", evidence.Received),
               ("feed and subscriber together", [.. evidence.Feed, .. evidence.Received]),
           ]
              from twin in source.Events.GroupBy(seen => seen.Sequence)
              let events = twin.Select(seen => seen.Id).Distinct().Count()
              where events > 1
              select $"in {source.Name} number {twin.Key} belongs to {events} events",
        .. from same in evidence.Received.GroupBy(seen => seen.Id)
           let numbers = same.Select(seen => seen.Sequence).Distinct().Count()
           where numbers > 1
           select $"the subscriber received event {same.Key} under {numbers} numbers",
    ];

    private static IEnumerable<string> FeedGone(Evidence evidence) =>
        evidence.FeedGoneAfter is { } after ? [$"the feed was answered with 410 after {after}"] : [];

    private static IEnumerable<string> SubscriberMissedEvent(Evidence evidence) =>
        evidence.Feed.ExceptBy(evidence.Received.Select(seen => seen.Id), seen => seen.Id).Select(Describe);

    private static IEnumerable<string> SubscriberUnknownEvent(Evidence evidence) =>
        evidence.Received.ExceptBy(evidence.Feed.Select(seen => seen.Id), seen => seen.Id).Select(Describe);

    private static IEnumerable<string> SubscriberDuplicate(Evidence evidence) => evidence.Traits.MayRepeatEvents
        ? []
        : evidence.Received
            .GroupBy(seen => seen.Id)
            .Where(group => group.Count() > 1)
            .Select(group => $"event {group.Key} arrived {group.Count()} times, and no fault explains it");

    private static IEnumerable<string> DeletedEcgStored(Evidence evidence)
    {
        var deleted = DeletedIds(evidence);
        return evidence.Ecgs.Where(ecg => deleted.Contains(ecg.Id)).Select(ecg => $"ECG {ecg.Id} was deleted but is stored");
    }

    private static IEnumerable<string> ErasedUserLeft(Evidence evidence) =>
        evidence.Erased
            .Where(user => user.Rows.Count > 0)
            .Select(user => $"user {user.User} still has rows in {string.Join(", ", user.Rows)}");

    private static IEnumerable<string> ErasedTokenAccepted(Evidence evidence) =>
        evidence.Erased
            .Where(user => user.TokenStatus is not null and not 401)
            .Select(user => $"the old token of user {user.User} was answered with {user.TokenStatus}");

    private static IEnumerable<string> ErasureUnfinished(Evidence evidence) =>
        evidence.Erased
            .Where(user => user.UnfinishedModules.Count > 0)
            .Select(user => $"user {user.User}: {string.Join(", ", user.UnfinishedModules)}");

    private static IEnumerable<string> RepetitionHadEffect(Evidence evidence) =>
        evidence.ChangedByRepetition.Select(table => $"a second delivery changed rows of {table}");

    private static IEnumerable<string> QueueNotEmpty(Evidence evidence) => NotEmpty(evidence.Queues, "messages");

    /// <summary>Finds requests without a response at a host that was not stopped.</summary>
    private static IEnumerable<string> NoAnswer(Evidence evidence) => evidence.Operations
        .Where(operation => operation.Outcome != Outcome.Answered && !IsExcused(evidence, operation))
        .Select(Describe);

    private static IEnumerable<string> SlowAnswer(Evidence evidence) =>
        from operation in evidence.Operations
        let limit = (AnswerSeconds * evidence.TimeFactor) + operation.Waits
        where operation.Outcome == Outcome.Answered && operation.Seconds > limit && !IsExcused(evidence, operation)
        orderby operation.Seconds descending
        select FormattableString.Invariant($"{Describe(operation)} took {operation.Seconds:0.0} s");

    /// <summary>Finds responses with a 5xx other than 503, or with another status that the request does not explain.</summary>
    private static IEnumerable<string> ServerError(Evidence evidence) =>
        evidence.Operations.Where(operation => !IsExpected(evidence, operation)).Select(Describe);

    /// <summary>Finds valid tokens that were answered with 401.</summary>
    private static IEnumerable<string> TokenRejected(Evidence evidence) => evidence.Traits.MovesClock
        ? []
        : evidence.Operations
            .Where(operation => operation.Status == 401 && operation.Kind != OperationKind.Token && operation.User is null)
            .Select(Describe);

    private static IEnumerable<string> NoRetryAfter(Evidence evidence) =>
        evidence.Operations.Where(operation => operation is { Status: 503, HasRetryAfter: false }).Select(Describe);

    private static IEnumerable<string> LogFlood(Evidence evidence) =>
        from host in evidence.Hosts
        where host.LinesPerSecond > LinesPerSecond
        let examples = string.Join(" | ", host.BusiestLines.Take(3))
        select $"host {host.Index} logged {host.LinesPerSecond} lines in one second, such as: {examples}";

    private static IEnumerable<string> Memory(Evidence evidence) => evidence.Traits.HasPoison || evidence.CleanMemory is not { } clean
        ? []
        : evidence.Hosts
            .Where(host => host.PeakMemory > clean * MemoryFactor)
            .Select(host => FormattableString.Invariant(
                $"host {host.Index} used {Mebibytes(host.PeakMemory):0} MiB, a run without a fault {Mebibytes(clean):0} MiB"));

    private static IEnumerable<string> HostEnded(Evidence evidence) => evidence.Traits.EndsHosts
        ? []
        : evidence.Hosts.SelectMany(host => host.UnexpectedEnds.Select(end => $"host {host.Index} {end}"));

    private static IEnumerable<string> Recovery(Evidence evidence) => evidence.RecoverySeconds switch
    {
        null => ["the hosts were not ready, did not process a new upload, or work was still pending"],
        { } seconds when seconds > RecoverySeconds * evidence.TimeFactor => [FormattableString.Invariant($"it took {seconds:0.0} s")],
        _ => [],
    };

    private static bool IsExpected(Evidence evidence, Operation operation) => operation.Status switch
    {
        null or 503 => true,
        >= 500 => false,
        401 => true, // TokenRejected checks it.
        404 => operation.Kind is OperationKind.Delete or OperationKind.ReadInsights or OperationKind.Erase or OperationKind.Upload,
        400 or 413 or 415 => operation.Kind is OperationKind.MalformedUpload or OperationKind.Activate or OperationKind.Token,
        409 => operation.Kind is OperationKind.ReadInsights or OperationKind.Register || evidence.Traits.HasPoison,
        >= 400 => evidence.Traits.HasPoison && operation.Kind == OperationKind.ReadInsights,
        _ => operation.Kind != OperationKind.MalformedUpload,
    };

    private static bool IsExcused(Evidence evidence, Operation operation) =>
        evidence.DownSpans.Any(span => span.Host == operation.Host && span.From <= operation.End && operation.Start <= span.To);

    private static HashSet<Guid> AcceptedIds(Evidence evidence) =>
        [
            .. evidence.Operations
                .Where(operation => operation is { Kind: OperationKind.Upload, IsSuccess: true, Ecg: not null })
                .Select(operation => operation.Ecg!.Value),
        ];

    /// <summary>Gets the ids of the ECGs whose deletion the service confirmed.</summary>
    private static HashSet<Guid> DeletedIds(Evidence evidence) =>
        [
            .. evidence.Operations
                .Where(operation => operation is { Kind: OperationKind.Delete, Status: 204, Ecg: not null })
                .Select(operation => operation.Ecg!.Value),
        ];

    /// <summary>Gets the ids of the ECGs whose deletion, or whose owner's deletion, was requested and not rejected.</summary>
    private static HashSet<Guid> MayBeDeleted(Evidence evidence)
    {
        var users = evidence.Operations
            .Where(operation => operation is { Kind: OperationKind.Erase, User: not null } && IsPossible(evidence, operation))
            .Select(operation => operation.User)
            .ToHashSet();
        return
        [
            .. evidence.Operations
                .Where(operation => operation is { Kind: OperationKind.Delete, Ecg: not null } && IsPossible(evidence, operation))
                .Select(operation => operation.Ecg!.Value),
            .. evidence.Operations
                .Where(operation =>
                    operation is { Kind: OperationKind.Upload, Ecg: not null, User: not null } && users.Contains(operation.User))
                .Select(operation => operation.Ecg!.Value),
        ];
    }

    private static bool IsPossible(Evidence evidence, Operation operation) =>
        operation.IsSuccess || operation.Outcome == Outcome.Lost || (evidence.Traits.BreaksCommits && operation.Status >= 500);

    private static IEnumerable<(string Name, IEnumerable<long> Numbers)> Sequences(Evidence evidence) =>
    [
        ("the outbox", evidence.StoredSequences),
        ("the feed", evidence.Feed.Select(seen => seen.Sequence)),
        ("the subscriber", evidence.Received.Select(seen => seen.Sequence)),
    ];

    private static IEnumerable<long> Range(long last)
    {
        for (var number = 1L; number <= last; number++)
        {
            yield return number;
        }
    }

    private static IEnumerable<string> NotEmpty(IReadOnlyDictionary<string, long> counts, string what) =>
        counts.Where(pair => pair.Value != 0).Select(pair => $"{pair.Key} has {pair.Value} {what}");

    private static string Describe(SeenEvent seen) => $"number {seen.Sequence}, {seen.Type} of ECG {seen.Ecg}";

    private static string Describe(Operation operation)
    {
        var outcome = operation.Outcome == Outcome.Answered ? $"{operation.Status}" : operation.Outcome.ToString().ToLowerInvariant();
        return FormattableString.Invariant($"{operation.Kind} at {operation.Start:0.0} s on host {operation.Host}: {outcome}");
    }

    private static double Mebibytes(long bytes) => bytes / 1048576.0;
}
