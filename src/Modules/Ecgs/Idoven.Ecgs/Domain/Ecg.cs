namespace Idoven.Ecgs.Domain;

/// <summary>One recording. Belongs to one owner for ever; its signals, stored beside it in blocks, are never altered.</summary>
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

    /// <summary>When its analysis ended, well or not.</summary>
    public DateTimeOffset? ProcessedAt { get; private set; }

    public double? SamplingFrequency { get; private init; }

    public string? Unit { get; private init; }

    public double? Gain { get; private init; }

    public int? AdcZero { get; private init; }

    public string? ExternalId { get; private init; }

    /// <summary>SHA-256 of the unpacked body of the upload.</summary>
    public byte[] BodySha256 { get; private init; } = [];

    /// <summary>Gets the samples of all leads together.</summary>
    public long Samples { get; private set; }

    /// <summary>Gets when it was last sent to the analysis queue; null while it waits in the database.</summary>
    public DateTimeOffset? DispatchedAt { get; private set; }

    /// <summary>Gets whether it waits for a newer engine rather than for its first analysis.</summary>
    public bool IsReprocessing { get; private set; }

    /// <summary>Gets the trace context (W3C traceparent) of the request that it waits for; null if there is none.</summary>
    public string? Traceparent { get; private set; }

    public int Attempts { get; private set; }

    /// <summary>
    /// Gets when it is due to be sent to the analysis queue, for the first time or again. The database sets the time of a new ECG by its own clock;
    /// until it is stored the value is null.
    /// </summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>A code, set when the analysis was given up.</summary>
    public string? FailureReason { get; private set; }

    public IReadOnlyList<Lead> Leads => leads;

    /// <summary>The lead of this name; null where there is none.</summary>
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

    /// <summary>Its insights are stored.</summary>
    public void MarkProcessed(DateTimeOffset now)
    {
        Status = EcgStatus.Processed;
        FailureReason = null;
        EndWaiting(now);
    }

    /// <summary>Gets whether the attempt that comes next is the last one.</summary>
    public bool IsNextAttemptLast => Attempts + 1 >= MaxAttempts;

    /// <summary>Counts an attempt before it begins, so that it is counted if the host does not survive it.</summary>
    /// <exception cref="InvalidOperationException">It would be the last attempt, which <see cref="FailAttempt"/> counts.</exception>
    public void StartAttempt()
    {
        if (IsNextAttemptLast)
        {
            throw new InvalidOperationException("The last attempt is not counted before it begins.");
        }

        Attempts++;
    }

    /// <summary>Takes back an attempt that was counted before it began: the host survived it.</summary>
    public void ClearAttempt() => Attempts--;

    /// <summary>One more failed attempt. After the last, or at once where no attempt can help, the ECG is given up.</summary>
    /// <param name="reason">The code it is given up with.</param>
    /// <param name="isHopeless">Whether trying again is useless.</param>
    /// <param name="retryAfter">The waits between attempts.</param>
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

    /// <summary>It waits to be analysed once more, after it failed or by a newer engine; existing insights stay.</summary>
    /// <param name="samples">The samples of all leads together: rows of earlier versions lack the number.</param>
    /// <param name="isReprocessing">Whether a newer engine is the reason, so that uploads come first.</param>
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

    /// <summary>A date is kept to the microsecond: the first answer says no more than the later ones.</summary>
    private static DateTimeOffset ToMicrosecond(DateTimeOffset date) => date.AddTicks(-(date.Ticks % TimeSpan.TicksPerMicrosecond));
}

/// <summary>A named channel; its samples are stored beside it.</summary>
internal sealed record Lead(Guid EcgId, short Number, string Name, int Samples);

/// <summary>What an upload says of the recording, checked.</summary>
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
