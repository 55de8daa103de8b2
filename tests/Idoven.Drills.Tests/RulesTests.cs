using Idoven.Drills.Checking;
using Idoven.Drills.Load;
using Idoven.Drills.Running;

namespace Idoven.Drills.Tests;

/// <summary>Tests that the checker reports each violated rule by name, and nothing else.</summary>
public sealed class RulesTests
{
    private static readonly Guid Kept = Guid.Parse("00000000-0000-0000-0000-000000000001");
    private static readonly Guid Deleted = Guid.Parse("00000000-0000-0000-0000-000000000002");
    private static readonly Guid User = Guid.Parse("00000000-0000-0000-0000-00000000000a");
    private static readonly Guid OfUser = Guid.Parse("00000000-0000-0000-0000-000000000003");

    private static readonly SeenEvent First = Processed(1, Kept);
    private static readonly SeenEvent Second = Event(2, Deleted, "deleted");
    private static readonly SeenEvent Third = Event(3, OfUser, "deleted");

    /// <summary>
    /// Gets the evidence of a drill in which one ECG was kept, one deleted, one erased with its owner, and one upload rejected.
    /// </summary>
    private static Evidence Clean { get; } = new()
    {
        Operations =
        [
            Upload("a", Kept, 202) with { Key = "key-a" },
            Upload("a", Kept, 202) with { Key = "key-a" },
            Upload("b", Deleted, 202),
            Operation(OperationKind.Delete, 204) with { Ecg = Deleted },
            Upload("c", ecg: null, 503),
            Operation(OperationKind.MalformedUpload, 400) with { ExternalId = "d" },
            Upload("e", OfUser, 201) with { User = User },
            Operation(OperationKind.Erase, 204) with { User = User },
            Operation(OperationKind.ReadInsights, 200) with { Ecg = Kept },
        ],
        Ecgs = [new(Kept, "client:x", "a", "processed", null)],
        Insights = [new(Kept, "1.0.0", 1)],
        Feed = [First, Second, Third],
        StoredSequences = [1, 2, 3],
        Received = [First, Second, Second, Third],
        Queues = new Dictionary<string, long> { ["ecgs-process-ecg"] = 0, ["ecgs-process-ecg_dead"] = 0 },
        Unsent = new Dictionary<string, long> { ["ecgs"] = 0 },
        Parked = new Dictionary<string, long> { ["ecgs"] = 0 },
        Erased = [new(User, [], [], 401)],
        Hosts = [new(0, 10, 130, [])],
        CleanMemory = 100,
        DownSpans = [new(0, 50, 60)],
        RecoverySeconds = 15,
    };

    /// <summary>For each rule, the clean drill with one violation.</summary>
    private static readonly Dictionary<string, Func<Evidence, Evidence>> Breaks = new()
    {
        ["accepted-upload-lost"] = clean => Add(clean, Upload("f", Guid.NewGuid(), 202)),
        ["upload-unfinished"] = clean => Stored(clean, status: "queued"),
        ["upload-stored-twice"] = clean => Stored(clean, externalId: "a"),
        ["key-with-two-ids"] = clean => Add(clean, Upload("a", Deleted, 202) with { Key = "key-a" }),
        ["rejected-request-stored"] = clean => Stored(clean, externalId: "c"),
        ["insights-doubled"] = clean => clean with { Insights = [new(Kept, "1.0.0", 2)] },
        ["event-missing"] = clean => clean with { Feed = [Event(1, Kept, "deleted"), Second, Third] },
        ["event-doubled"] = clean => clean with { Feed = [First, Second, Third, Processed(4, Kept)] },
        ["event-after-deletion"] = clean => clean with { Received = [First, Second, Third, Processed(4, Deleted)] },
        ["sequence-hole"] = clean => clean with { StoredSequences = [1, 3] },
        ["sequence-twin"] = clean => clean with { Received = [First, Second with { Id = Guid.NewGuid() }, Second, Third] },
        ["feed-gone"] = clean => clean with { FeedGoneAfter = 1 },
        ["subscriber-missed-event"] = clean => clean with { Received = [First, Third] },
        ["subscriber-unknown-event"] = clean => clean with { Received = [First, Second, Third, Event(4, Deleted, "deleted")] },
        ["subscriber-duplicate"] = clean => clean with { Traits = new FaultTraits { MayRepeatEvents = false } },
        ["deleted-ecg-stored"] = clean => Stored(clean, id: Deleted),
        ["erased-user-left"] = clean => clean with { Erased = [new(User, ["ecgs.ecgs.owner_id"], [], 401)] },
        ["erased-token-accepted"] = clean => clean with { Erased = [new(User, [], [], 200)] },
        ["erasure-unfinished"] = clean => clean with { Erased = [new(User, [], ["ecgs"], 401)] },
        ["repetition-had-effect"] = clean => clean with { ChangedByRepetition = ["ecgs.revocations"] },
        ["inbox-row-missing"] = clean => clean with { MissingInboxRows = ["identity-delete-account has no row of message 1"] },
        ["queue-not-empty"] = clean => clean with { Queues = new Dictionary<string, long> { ["ecgs-process-ecg_dead"] = 1 } },
        ["outbox-not-empty"] = clean => clean with { Unsent = new Dictionary<string, long> { ["users"] = 1 } },
        ["parked-not-empty"] = clean => clean with { Parked = new Dictionary<string, long> { ["identity"] = 1 } },
        ["no-answer"] = clean => Add(clean, Upload("g", ecg: null, status: null) with { Outcome = Outcome.Refused }),
        ["slow-answer"] = clean => Add(clean, Operation(OperationKind.List, 200) with { Start = 10, End = 15.1 }),
        ["server-error"] = clean => Add(clean, Operation(OperationKind.List, 500)),
        ["token-rejected"] = clean => Add(clean, Operation(OperationKind.List, 401)),
        ["no-retry-after"] = clean => Add(clean, Operation(OperationKind.List, 503) with { HasRetryAfter = false }),
        ["log-flood"] = clean => clean with { Hosts = [new(0, 11, 100, [])] },
        ["memory"] = clean => clean with { Hosts = [new(0, 1, 131, [])] },
        ["host-ended"] = clean => clean with { Hosts = [new(0, 1, 100, ["ended by itself with exit code 0"])] },
        ["recovery"] = clean => clean with { RecoverySeconds = 15.1 },
    };

    public static TheoryData<string> Names => [.. Rules.All.Select(rule => rule.Name)];

    [Fact]
    public void A_drill_without_violations_passes() => Assert.Empty(Rules.Check(Clean));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_violated_rule_is_reported_by_name(string rule)
    {
        Assert.True(Breaks.TryGetValue(rule, out var breaks), $"no history here breaks the rule {rule}");
        Assert.Contains(rule, ViolatedRules(breaks(Clean)));
    }

    [Fact]
    public void A_service_that_never_recovered_is_reported() =>
        Assert.Contains("recovery", ViolatedRules(Clean with { RecoverySeconds = null }));

    [Fact]
    public void Violations_that_the_fault_detects_are_reported() =>
        Assert.Equal(["takeover"], ViolatedRules(Clean with { Observed = [new("takeover", "no other host took over")] }));

    [Fact]
    public void A_failed_ecg_passes_only_with_a_reason_and_only_if_the_fault_poisons_one()
    {
        var failed = Stored(Clean, status: "failed", reason: "analysis-failed") with { Insights = Clean.Insights };
        failed = failed with { Feed = [.. Clean.Feed, Event(4, failed.Ecgs[^1].Id, "failed")], StoredSequences = [1, 2, 3, 4] };
        failed = failed with { Received = failed.Feed };
        Assert.Contains("upload-unfinished", ViolatedRules(failed));

        var poisoned = failed with { Traits = new FaultTraits { HasPoison = true } };
        Assert.Empty(Rules.Check(poisoned));
        var ecg = poisoned.Ecgs[^1] with { FailureReason = null };
        Assert.Contains("upload-unfinished", ViolatedRules(poisoned with { Ecgs = [poisoned.Ecgs[0], ecg] }));
    }

    [Fact]
    public void An_upload_without_a_response_may_be_stored_once()
    {
        var upload = Upload("f", ecg: null, status: null) with { Outcome = Outcome.Lost, Start = 55, End = 56 };
        var lost = Add(Stored(Clean, externalId: "f"), upload);
        Assert.DoesNotContain("rejected-request-stored", ViolatedRules(lost));
        Assert.Contains("upload-stored-twice", ViolatedRules(Stored(lost, externalId: "f")));
    }

    [Fact]
    public void An_upload_answered_with_503_may_be_stored_only_if_the_fault_breaks_commits()
    {
        var stored = Stored(Clean, externalId: "c");
        Assert.Contains("rejected-request-stored", ViolatedRules(stored));
        Assert.DoesNotContain("rejected-request-stored", ViolatedRules(stored with { Traits = new FaultTraits { BreaksCommits = true } }));
    }

    [Fact]
    public void A_running_host_must_answer_and_a_stopped_one_need_not()
    {
        var refused = Upload("g", ecg: null, status: null) with { Outcome = Outcome.Refused, Start = 55, End = 55.1 };
        Assert.DoesNotContain("no-answer", ViolatedRules(Add(Clean, refused)));
        Assert.Contains("no-answer", ViolatedRules(Add(Clean, refused with { Host = 1 })));
    }

    [Fact]
    public void A_requested_wait_is_not_reported_as_slow()
    {
        var waited = Upload("a", Kept, 201) with { Start = 10, End = 16.9, Waits = 2 };
        Assert.DoesNotContain("slow-answer", ViolatedRules(Add(Clean, waited)));
        Assert.Contains("slow-answer", ViolatedRules(Add(Clean, waited with { End = 17.1 })));
    }

    [Fact]
    public void A_deletion_without_a_response_explains_a_missing_ecg()
    {
        var missing = Guid.NewGuid();
        var deletion = Operation(OperationKind.Delete, status: null) with { Ecg = missing, Outcome = Outcome.Lost, Start = 55, End = 56 };
        var upload = Upload("f", missing, 202);
        Assert.DoesNotContain("accepted-upload-lost", ViolatedRules(Add(Clean, upload, deletion)));
        Assert.Contains("accepted-upload-lost", ViolatedRules(Add(Clean, upload, deletion with { Outcome = Outcome.Refused })));
    }

    [Fact]
    public void The_figures_of_the_report_match_the_rules()
    {
        Assert.Equal((3, 0, 0, 1), (Rules.Accepted(Clean), Rules.Lost(Clean), Rules.Doubled(Clean), Rules.Duplicates(Clean)));
        Assert.Equal(1, Rules.Lost(Breaks["accepted-upload-lost"](Clean)));
        Assert.Equal(1, Rules.Doubled(Breaks["event-doubled"](Clean)));
    }

    private static SeenEvent Event(long sequence, Guid ecg, string type) =>
        new(Guid.Parse($"10000000-0000-0000-0000-{sequence:D12}"), sequence, $"idoven.ecg.{type}.v1", ecg);

    private static SeenEvent Processed(long sequence, Guid ecg) => Event(sequence, ecg, "processed") with { EngineVersion = "1.0.0" };

    private static Operation Operation(OperationKind kind, int? status) => new()
    {
        Kind = kind,
        Client = "c1",
        Host = 0,
        Start = 10,
        End = 10.1,
        Outcome = Outcome.Answered,
        Status = status,
        HasRetryAfter = status == 503,
    };

    private static Operation Upload(string externalId, Guid? ecg, int? status) =>
        Operation(OperationKind.Upload, status) with { ExternalId = externalId, Ecg = ecg };

    private static Evidence Add(Evidence evidence, params Operation[] operations) =>
        evidence with { Operations = [.. evidence.Operations, .. operations] };

    private static Evidence Stored(
        Evidence evidence, Guid? id = null, string? externalId = null, string status = "processed", string? reason = null) =>
        evidence with { Ecgs = [.. evidence.Ecgs, new(id ?? Guid.NewGuid(), "client:x", externalId, status, reason)] };

    /// <summary>Gets the names of the rules that the evidence violates.</summary>
    private static IEnumerable<string> ViolatedRules(Evidence evidence) => Rules.Check(evidence).Select(violation => violation.Rule);
}
