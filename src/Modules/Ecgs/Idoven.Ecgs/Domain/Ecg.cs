namespace Idoven.Ecgs.Domain;

/// <summary>
/// Represents an uploaded ECG. Its owner never changes, and its signals, which are stored separately in blocks, never change.
/// </summary>
internal sealed class Ecg
{
    private const int MaxAttempts = 5;
    private readonly List<Lead> leads = [];

    private Ecg()
    {
    }

    public Guid Id { get; private init; }

    public string OwnerId { get; private init; } = "";

    public DateTimeOffset Date { get; private init; }

    public EcgStatus Status { get; private set; }

    public DateTimeOffset SubmittedAt { get; private init; }

    /// <summary>Gets the time at which the analysis succeeded or failed; null until then.</summary>
    public DateTimeOffset? ProcessedAt { get; private set; }

    public double? SamplingFrequency { get; private init; }

    public string? Unit { get; private init; }

    public double? Gain { get; private init; }

    public int? AdcZero { get; private init; }

    public string? ExternalId { get; private init; }

    /// <summary>Gets the SHA-256 of the decompressed body of the upload.</summary>
    public byte[] BodySha256 { get; private init; } = [];

    /// <summary>Gets the number of samples of all leads together.</summary>
    public long Samples { get; private set; }

    /// <summary>Gets the time at which it was last sent to the analysis queue; null while it waits in the database.</summary>
    public DateTimeOffset? DispatchedAt { get; private set; }

    /// <summary>Gets whether it waits to be reprocessed, and not for its first analysis.</summary>
    public bool IsReprocessing { get; private set; }

    /// <summary>Gets the trace context (W3C traceparent) of the request that it waits for; null if there is none.</summary>
    public string? Traceparent { get; private set; }

    public int Attempts { get; private set; }

    /// <summary>
    /// Gets the time at which it is due to be sent to the analysis queue, for the first time or again. The database sets the time of a new
    /// ECG by its own clock; until it is stored the value is null.
    /// </summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>Gets the code of the reason if the analysis failed; null otherwise.</summary>
    public string? FailureReason { get; private set; }

    public IReadOnlyList<Lead> Leads => leads;

    /// <summary>Returns the lead with this name; null if there is none.</summary>
    public Lead? Lead(string? name) => leads.Find(lead => lead.Name == name);

    /// <summary>Creates an ECG that waits for its first analysis.</summary>
    /// <param name="traceparent">The trace context of the upload; null if there is none.</param>
    public static Ecg Submit(string ownerId, Recording recording, DateTimeOffset now, string? traceparent = null)
    {
        var ecg = new Ecg
        {
            Id = Guid.CreateVersion7(now),
            OwnerId = ownerId,
            Date = ToMicrosecond(recording.Date.ToUniversalTime()),
            Status = EcgStatus.Queued,
            SubmittedAt = now,
            SamplingFrequency = recording.SamplingFrequency,
            Unit = recording.Unit,
            Gain = recording.Gain,
            AdcZero = recording.AdcZero,
            ExternalId = recording.ExternalId,
            BodySha256 = recording.BodySha256,
            Samples = recording.Leads.Sum(lead => (long)lead.Samples),
            Traceparent = traceparent,
        };
        ecg.leads.AddRange(recording.Leads.Select((lead, number) => new Lead(ecg.Id, (short)number, lead.Name, lead.Samples)));
        return ecg;
    }

    /// <summary>Marks the ECG as processed when its insights are stored.</summary>
    public void MarkProcessed(DateTimeOffset now)
    {
        Status = EcgStatus.Processed;
        FailureReason = null;
        EndWaiting(now);
    }

    /// <summary>Gets whether the attempt that comes next is the last one.</summary>
    public bool IsNextAttemptLast => Attempts + 1 >= MaxAttempts;

    /// <summary>Counts an attempt before it begins, so that it is counted if it ends the host.</summary>
    /// <exception cref="InvalidOperationException">It would be the last attempt, which <see cref="FailAttempt"/> counts.</exception>
    public void StartAttempt()
    {
        if (IsNextAttemptLast)
        {
            throw new InvalidOperationException("The last attempt is not counted before it begins.");
        }

        Attempts++;
    }

    /// <summary>Undoes <see cref="StartAttempt"/> after an attempt that did not end the host.</summary>
    public void ClearAttempt() => Attempts--;

    /// <summary>Counts a failed attempt. After the last attempt, or at once if no attempt can succeed, the ECG fails.</summary>
    /// <param name="reason">The code of the reason with which the ECG fails.</param>
    /// <param name="isHopeless">Whether no further attempt can succeed.</param>
    /// <param name="retryAfter">The pauses between attempts.</param>
    public void FailAttempt(string reason, bool isHopeless, IReadOnlyList<TimeSpan> retryAfter, DateTimeOffset now)
    {
        Attempts++;
        if (isHopeless || Attempts >= MaxAttempts)
        {
            Status = EcgStatus.Failed;
            FailureReason = reason;
            EndWaiting(now);
        }
        else
        {
            DispatchedAt = null;
            NextAttemptAt = now + retryAfter[Math.Min(Attempts, retryAfter.Count) - 1];
        }
    }

    /// <summary>Makes the ECG due for another analysis, after a failure or for a newer engine. Existing insights stay.</summary>
    /// <param name="samples">The number of samples of all leads together, which rows of earlier versions lack.</param>
    /// <param name="isReprocessing">Whether a newer engine is the reason; uploads are then analysed first.</param>
    /// <param name="traceparent">The trace context of the request; null if there is none.</param>
    public void Requeue(DateTimeOffset now, long samples, bool isReprocessing, string? traceparent)
    {
        Status = EcgStatus.Queued;
        Attempts = 0;
        FailureReason = null;
        ProcessedAt = null;
        DispatchedAt = null;
        NextAttemptAt = now;
        Samples = samples;
        IsReprocessing = isReprocessing;
        Traceparent = traceparent;
    }

    private void EndWaiting(DateTimeOffset now)
    {
        ProcessedAt = now;
        NextAttemptAt = null;
        IsReprocessing = false;
        Traceparent = null;
    }

    /// <summary>Truncates a date to the microsecond, as PostgreSQL stores it, so that all responses have the same date.</summary>
    private static DateTimeOffset ToMicrosecond(DateTimeOffset date) => date.AddTicks(-(date.Ticks % TimeSpan.TicksPerMicrosecond));
}

/// <summary>Represents a named lead, whose samples are stored separately.</summary>
internal sealed record Lead(Guid EcgId, short Number, string Name, int Samples);

/// <summary>Represents the checked metadata of an uploaded recording.</summary>
internal sealed record Recording(
    DateTimeOffset Date,
    IReadOnlyList<RecordedLead> Leads,
    double? SamplingFrequency,
    string? Unit,
    double? Gain,
    int? AdcZero,
    string? ExternalId,
    byte[] BodySha256);

internal sealed record RecordedLead(string Name, int Samples);
