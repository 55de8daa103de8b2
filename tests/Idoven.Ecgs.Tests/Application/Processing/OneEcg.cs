using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web.Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Tests.Application.Processing;

/// <summary>Stands for the store, the signals and the outbox of a handler: one ECG of lead I, and what became of it.</summary>
internal sealed class OneEcg : IEcgs, ISignals, IEcgsOutbox
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static readonly EcgMetrics Metrics = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    private readonly List<object> unsaved = [];

    public Ecg Ecg { get; } = Ecg.Submit(
        "owner", new Recording(Now.AddDays(-1), [new RecordedLead("I", 3)], null, null, null, null, null, new byte[32]), Now);

    /// <summary>Deleted by its owner while it is analysed.</summary>
    public bool IsGoneWhenLocked { get; init; }

    /// <summary>How often the answer is that there are no insights yet, before another delivery has stored them.</summary>
    public int AsksBeforeInsights { get; set; } = int.MaxValue;

    /// <summary>Which insights of this engine are stored, until another delivery stores complete ones.</summary>
    public StoredInsights Stored { get; set; }

    /// <summary>Called when the signal is read.</summary>
    public Action OnRead { get; set; } = () => { };

    /// <summary>What the store throws instead of locking the ECG; null where it works.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>How often a stored set was removed.</summary>
    public int Removals { get; private set; }

    /// <summary>How often the signal was read.</summary>
    public int Reads { get; private set; }

    /// <summary>Insight sets and messages that were saved, in their order.</summary>
    public List<object> Saved { get; } = [];

    public int Saves { get; private set; }

    public void Add(InsightSet insights) => unsaved.Add(insights);

    public void Add(BeatList beats) => unsaved.Add(beats);

    public void Add<T>(T message, Guid key, string? traceparent = null)
        where T : class
    {
        Assert.Equal(Ecg.Id, key);
        unsaved.Add(message);
    }

    public Task<Ecg?> Find(Guid id, CancellationToken ct) => Task.FromResult(id == Ecg.Id ? Ecg : null);

    public Task<Ecg?> Lock(Guid id, CancellationToken ct) =>
        Refusal is { } refusal ? Task.FromException<Ecg?>(refusal) : Task.FromResult(id == Ecg.Id && !IsGoneWhenLocked ? Ecg : null);

    public Task<StoredInsights> FindStored(Guid id, string engineVersion, CancellationToken ct) =>
        Task.FromResult(AsksBeforeInsights-- <= 0 ? StoredInsights.Complete : Stored);

    public Task RemoveInsights(Guid id, string engineVersion, CancellationToken ct)
    {
        Removals++;
        return Task.CompletedTask;
    }

    public Task<int[][]> ReadLeads(Guid ecgId, IReadOnlyList<Lead> leads, CancellationToken ct)
    {
        Reads++;
        OnRead();
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(new int[][] { [-1, 1, -1] });
    }

    public Task Save(CancellationToken ct)
    {
        Saves++;
        Saved.AddRange(unsaved);
        unsaved.Clear();
        return Task.CompletedTask;
    }

    public void Add(Ecg ecg) => throw Unasked();

    public void Add(EcgAccess access) => throw Unasked();

    public void Remove(Ecg ecg) => throw Unasked();

    public Task<Ecg?> Find(Guid id, string ownerId, CancellationToken ct) => throw Unasked();

    public Task<EcgInsights?> FindInsights(Guid id, string ownerId, string? engineVersion, CancellationToken ct) => throw Unasked();

    public Task<IReadOnlyList<ClassifiedBeat>?> FindBeats(Guid id, string engineVersion, short leadNumber, CancellationToken ct) => throw Unasked();

    public Task<EcgInsights?> FindInsights(Guid id, string? engineVersion, CancellationToken ct) => throw Unasked();

    public Task<int> CountOutdated(Version before, CancellationToken ct) => throw Unasked();

    public Task<IReadOnlyList<Guid>> ListOutdated(Version before, Guid after, int limit, CancellationToken ct) => throw Unasked();

    public Task<int> CountQueued(CancellationToken ct) => throw Unasked();

    public Task<long> CountSamples(Guid id, CancellationToken ct) => throw Unasked();

    public Task<long> CountSamples(string ownerId, CancellationToken ct) => throw Unasked();

    public Task<IReadOnlyList<Ecg>> List(EcgFilter filter, CancellationToken ct) => throw Unasked();

    public Task<Ecg?> Lock(Guid id, string ownerId, CancellationToken ct) => throw Unasked();

    public Task<Guid?> Claim(RequestKey key, Ecg ecg, CancellationToken ct) => throw Unasked();

    public Task MarkOwnerErased(string ownerId, DateTimeOffset now, CancellationToken ct) => throw Unasked();

    public Task<bool> IsKnown(RequestKey key, DateTimeOffset now, CancellationToken ct) => throw Unasked();

    public void Add(Guid ecgId, IReadOnlyList<Ecgs.Application.Signals.SignalBlock> blocks) => throw Unasked();

    public IAsyncEnumerable<ReadOnlyMemory<int>> Read(Guid ecgId, short leadNumber, int from, int to, CancellationToken ct) => throw Unasked();

    private static InvalidOperationException Unasked([CallerMemberName] string member = "") => new($"Background work has no need of {member}.");
}
