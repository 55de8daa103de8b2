using System.ComponentModel.DataAnnotations;

namespace Idoven.Ecgs.Application;

/// <summary>The section <c>Ecgs</c> of the configuration.</summary>
internal sealed class EcgsOptions
{
    private static readonly TimeSpan[] DefaultWaits = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)];

    /// <summary>Samples of all leads of an ECG together.</summary>
    [Range(1, 1_000_000_000)]
    public long MaxSamples { get; set; } = 100_000_000;

    /// <summary>Bytes of a body, packed and unpacked.</summary>
    [Range(1024, 1L << 40)]
    public long MaxBodyBytes { get; set; } = 1L << 30;

    /// <summary>Encoded bytes that all uploads of the host hold at a time; beyond it 503.</summary>
    [Range(1 << 20, 1L << 40)]
    public long SignalBudgetBytes { get; set; } = 1L << 30;

    /// <summary>Uploads that all callers have in progress on the host at a time; beyond it 503.</summary>
    [Range(1, 1_000_000)]
    public int Uploads { get; set; } = 256;

    /// <summary>Uploads that one caller (subject and client) has in progress on the host while others upload too; beyond it 429.</summary>
    [Range(1, 1_000_000)]
    public int UploadsPerCaller { get; set; } = 8;

    /// <summary>Samples of all stored ECGs of one owner; beyond it 403. Null where there is no such limit.</summary>
    [Range(1, long.MaxValue)]
    public long? SamplesPerOwner { get; set; }

    /// <summary>Signals and beats that all callers download from the host at a time; beyond it 503.</summary>
    [Range(1, 1_000_000)]
    public int Downloads { get; set; } = 256;

    /// <summary>Signals and beats that one caller (subject and client) downloads from the host at a time; beyond it 429.</summary>
    [Range(1, 1_000_000)]
    public int DownloadsPerCaller { get; set; } = 8;

    /// <summary>Waits between the attempts of an analysis, after the quick ones of the consumer.</summary>
    [MinLength(1)]
    public TimeSpan[]? RetryAfter { get; set; }

    /// <summary><see cref="RetryAfter"/>, or what it is where nothing is configured: a configured list replaces this one.</summary>
    public IReadOnlyList<TimeSpan> Waits => RetryAfter ?? DefaultWaits;

    /// <summary>An ECG that was sent to the analysis queue this long ago without any result is sent again.</summary>
    public TimeSpan SafetyNet { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Uploads are rejected with 503 while the waiting samples are more than the hosts analyse in this time, at their measured rate.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "10675199.00:00:00")]
    public TimeSpan Backlog { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>The section <c>Events</c> of the configuration.</summary>
internal sealed class EventsOptions
{
    /// <summary>Whether <c>ecg.processed.v1</c> carries the summary of the leads.</summary>
    public bool Summary { get; set; } = true;
}
