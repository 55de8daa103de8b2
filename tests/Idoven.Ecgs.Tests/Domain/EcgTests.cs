using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Tests.Domain;

public sealed class EcgTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan[] RetryAfter = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(15)];

    [Fact]
    public void Submitted_ecg_is_queued_and_has_the_uploaded_metadata()
    {
        var ecg = Submit();

        Assert.Equal(7, ecg.Id.Version);
        Assert.Equal(("owner", EcgStatus.Queued, Now, 0), (ecg.OwnerId, ecg.Status, ecg.SubmittedAt, ecg.Attempts));
        Assert.Equal((500, "uV", 200, 1024, "x"), (ecg.SamplingFrequency, ecg.Unit, ecg.Gain, ecg.AdcZero, ecg.ExternalId));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 9, 15, 0, TimeSpan.Zero), ecg.Date);
        Assert.Equal(TimeSpan.Zero, ecg.Date.Offset);
        Assert.Equal([new Lead(ecg.Id, 0, "II", 10), new Lead(ecg.Id, 1, "I", 20)], ecg.Leads);
        Assert.Equal((30, false, null, "trace"), (ecg.Samples, ecg.IsReprocessing, ecg.DispatchedAt, ecg.Traceparent));
        Assert.Null(ecg.NextAttemptAt); // The database sets it.
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Requeued_ecg_is_due_at_once_without_attempts(bool isReprocessing)
    {
        var ecg = Submit();
        ecg.FailAttempt("reason", isHopeless: true, RetryAfter, Now);
        ecg.Requeue(Now.AddHours(1), samples: 31, isReprocessing, "another trace");
        Assert.Equal((EcgStatus.Queued, 0, Now.AddHours(1), null, null),
            (ecg.Status, ecg.Attempts, ecg.NextAttemptAt, ecg.FailureReason, ecg.ProcessedAt));
        Assert.Equal((31, isReprocessing, null, "another trace"), (ecg.Samples, ecg.IsReprocessing, ecg.DispatchedAt, ecg.Traceparent));

        ecg.MarkProcessed(Now.AddHours(2));
        Assert.Equal((false, null, null), (ecg.IsReprocessing, ecg.Traceparent, ecg.NextAttemptAt));
    }

    [Fact]
    public void Pause_grows_with_each_failed_attempt_and_the_fifth_attempt_is_the_last()
    {
        var ecg = Submit();
        foreach (var (index, wait) in RetryAfter.Index())
        {
            ecg.FailAttempt("reason", isHopeless: false, RetryAfter, Now);
            Assert.Equal((EcgStatus.Queued, index + 1, Now + wait, null, null),
                (ecg.Status, ecg.Attempts, ecg.NextAttemptAt, ecg.FailureReason, ecg.ProcessedAt));
        }

        ecg.FailAttempt("reason", isHopeless: false, RetryAfter, Now);
        Assert.Equal(
            (EcgStatus.Failed, 5, null, "reason", Now), (ecg.Status, ecg.Attempts, ecg.NextAttemptAt, ecg.FailureReason, ecg.ProcessedAt));
    }

    [Fact]
    public void Last_configured_pause_is_used_for_all_further_attempts()
    {
        var ecg = Submit();
        for (var attempt = 1; attempt < 5; attempt++)
        {
            ecg.FailAttempt("reason", isHopeless: false, [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], Now);
            Assert.Equal(Now.AddSeconds(Math.Min(attempt, 2)), ecg.NextAttemptAt);
        }
    }

    [Fact]
    public void Hopeless_attempt_fails_the_ecg_at_once()
    {
        var ecg = Submit();
        ecg.FailAttempt("reason", isHopeless: true, RetryAfter, Now);
        Assert.Equal((EcgStatus.Failed, 1, null, "reason"), (ecg.Status, ecg.Attempts, ecg.NextAttemptAt, ecg.FailureReason));
    }

    [Fact]
    public void Processed_ecg_is_not_due_and_has_no_failure()
    {
        Ecg waiting = Submit(), failed = Submit();
        failed.FailAttempt("reason", isHopeless: true, RetryAfter, Now);
        foreach (var ecg in new[] { waiting, failed })
        {
            ecg.MarkProcessed(Now.AddMinutes(1));
            Assert.Equal(
                (EcgStatus.Processed, Now.AddMinutes(1), null, null), (ecg.Status, ecg.ProcessedAt, ecg.NextAttemptAt, ecg.FailureReason));
        }
    }

    [Theory, InlineData("queued"), InlineData("processed"), InlineData("failed")]
    public void Status_is_parsed_and_written_as_the_same_text(string word) => Assert.Equal(word, EcgStatusText.Parse(word)!.Value.ToText());

    [Theory, InlineData(null), InlineData(""), InlineData("Queued"), InlineData("done")]
    public void Unknown_text_is_not_a_status(string? word) => Assert.Null(EcgStatusText.Parse(word));

    private static Ecg Submit() => Ecg.Submit(
        "owner",
        new Recording(
            new DateTimeOffset(2026, 11, 23, 10, 15, 0, TimeSpan.FromHours(1)), [new RecordedLead("II", 10), new RecordedLead("I", 20)],
                500, "uV", 200, 1024, "x", new byte[32]),
        Now,
        "trace");
}
