using System.ComponentModel.DataAnnotations;

namespace Idoven.Ecgs.Application;

/// <summary>Represents the section <c>Ecgs</c> of the configuration.</summary>
internal sealed class EcgsOptions
{
    private static readonly TimeSpan[] DefaultWaits =
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)];

    /// <summary>Gets or sets the maximum number of samples of all leads of an ECG together.</summary>
    [Range(1, 1_000_000_000)]
    public long MaxSamples { get; set; } = 100_000_000;

    /// <summary>Gets or sets the maximum length of a body in bytes, both compressed and decompressed.</summary>
    [Range(1024, 1L << 40)]
    public long MaxBodyBytes { get; set; } = 1L << 30;

    /// <summary>Gets or sets how many encoded bytes all uploads of the host hold at a time; beyond it 503.</summary>
    [Range(1 << 20, 1L << 40)]
    public long SignalBudgetBytes { get; set; } = 1L << 30;

    /// <summary>Gets or sets how many uploads all callers have in progress on the host at a time; beyond it 503.</summary>
    [Range(1, 1_000_000)]
    public int Uploads { get; set; } = 256;

    /// <summary>
    /// Gets or sets how many uploads one caller (subject and client) has in progress on the host while others upload too; beyond it 429.
    /// </summary>
    [Range(1, 1_000_000)]
    public int UploadsPerCaller { get; set; } = 8;

    /// <summary>Gets or sets the maximum number of samples of all stored ECGs of one owner; beyond it 403. Null for no limit.</summary>
    [Range(1, long.MaxValue)]
    public long? SamplesPerOwner { get; set; }

    /// <summary>Gets or sets how many signals and beats all callers download from the host at a time; beyond it 503.</summary>
    [Range(1, 1_000_000)]
    public int Downloads { get; set; } = 256;

    /// <summary>
    /// Gets or sets how many signals and beats one caller (subject and client) downloads from the host at a time; beyond it 429.
    /// </summary>
    [Range(1, 1_000_000)]
    public int DownloadsPerCaller { get; set; } = 8;

    /// <summary>Gets or sets the pauses between the attempts of an analysis, after the quick retries of the consumer.</summary>
    [MinLength(1)]
    public TimeSpan[]? RetryAfter { get; set; }

    /// <summary>Gets <see cref="RetryAfter"/>, or the default if it is not configured.</summary>
    public IReadOnlyList<TimeSpan> Waits => RetryAfter ?? DefaultWaits;

    /// <summary>Gets or sets the time after which an ECG that was sent to the analysis queue without a result is sent again.</summary>
    public TimeSpan SafetyNet { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Gets or sets the largest backlog. Uploads are rejected with 503 while the hosts need more than this time for the waiting samples, at
    /// their measured rate.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "10675199.00:00:00")]
    public TimeSpan Backlog { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>Represents the section <c>Events</c> of the configuration.</summary>
internal sealed class EventsOptions
{
    /// <summary>Gets or sets whether <c>ecg.processed.v1</c> carries the summary of the leads.</summary>
    public bool Summary { get; set; } = true;
}
