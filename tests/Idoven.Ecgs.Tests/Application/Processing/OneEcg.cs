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

/// <summary>Replaces the store, the signals and the outbox of a handler. It has one ECG with lead I, and records its changes.</summary>
internal sealed class OneEcg : IEcgs, ISignals, IEcgsOutbox
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static readonly EcgMetrics Metrics = new(new ServiceCollection().AddMetrics().BuildServiceProvider()
        .GetRequiredService<IMeterFactory>());

    private readonly List<object> unsaved = [];

    public Ecg Ecg { get; } = Ecg.Submit(
        "owner", new Recording(Now.AddDays(-1), [new RecordedLead("I", 3)], null, null, null, null, null, new byte[32]), Now);

    /// <summary>Gets whether the owner deletes the ECG while it is analysed.</summary>
    public bool IsGoneWhenLocked { get; init; }

    /// <summary>Gets or sets the number of queries for stored insights until another delivery has stored complete ones.</summary>
    public int QueriesBeforeInsights { get; set; } = int.MaxValue;

    /// <summary>Gets or sets the stored insights of the engine, until another delivery stores complete ones.</summary>
    public StoredInsights Stored { get; set; }

    /// <summary>Gets or sets the action that is called when the signal is read.</summary>
    public Action OnRead { get; set; } = () => { };

    /// <summary>Gets or sets the exception that the store throws instead of locking the ECG.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Gets the number of removals of a stored set.</summary>
    public int Removals { get; private set; }

    /// <summary>Gets the number of reads of the signal.</summary>
    public int Reads { get; private set; }

    /// <summary>Gets the saved insight sets and messages, in order.</summary>
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
        Failure is { } failure ? Task.FromException<Ecg?>(failure) : Task.FromResult(id == Ecg.Id && !IsGoneWhenLocked ? Ecg : null);

    public Task<StoredInsights> FindStored(Guid id, string engineVersion, CancellationToken ct) =>
        Task.FromResult(QueriesBeforeInsights-- <= 0 ? StoredInsights.Complete : Stored);

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

    public void Add(Ecg ecg) => throw NotNeeded();

    public void Add(EcgAccess access) => throw NotNeeded();

    public void Remove(Ecg ecg) => throw NotNeeded();

    public Task<Ecg?> Find(Guid id, string ownerId, CancellationToken ct) => throw NotNeeded();

    public Task<EcgInsights?> FindInsights(Guid id, string ownerId, string? engineVersion, CancellationToken ct) => throw NotNeeded();

    public Task<IReadOnlyList<ClassifiedBeat>?> FindBeats(Guid id, string engineVersion, short leadNumber, CancellationToken ct) =>
        throw NotNeeded();

    public Task<EcgInsights?> FindInsights(Guid id, string? engineVersion, CancellationToken ct) => throw NotNeeded();

    public Task<int> CountOutdated(Version before, CancellationToken ct) => throw NotNeeded();

    public Task<IReadOnlyList<Guid>> ListOutdated(Version before, Guid after, int limit, CancellationToken ct) => throw NotNeeded();

    public Task<int> CountQueued(CancellationToken ct) => throw NotNeeded();

    public Task<long> CountSamples(Guid id, CancellationToken ct) => throw NotNeeded();

    public Task<long> CountSamples(string ownerId, CancellationToken ct) => throw NotNeeded();

    public Task<IReadOnlyList<Ecg>> List(EcgFilter filter, CancellationToken ct) => throw NotNeeded();

    public Task<Ecg?> Lock(Guid id, string ownerId, CancellationToken ct) => throw NotNeeded();

    public Task<Guid?> Claim(RequestKey key, Ecg ecg, CancellationToken ct) => throw NotNeeded();

    public Task MarkOwnerErased(string ownerId, DateTimeOffset now, CancellationToken ct) => throw NotNeeded();

    public Task<bool> IsKnown(RequestKey key, DateTimeOffset now, CancellationToken ct) => throw NotNeeded();

    public void Add(Guid ecgId, IReadOnlyList<Ecgs.Application.Signals.SignalBlock> blocks) => throw NotNeeded();

    public IAsyncEnumerable<ReadOnlyMemory<int>> Read(Guid ecgId, short leadNumber, int from, int to, CancellationToken ct) =>
        throw NotNeeded();

    private static InvalidOperationException NotNeeded([CallerMemberName] string member = "") => new($"These tests do not need {member}.");
}
