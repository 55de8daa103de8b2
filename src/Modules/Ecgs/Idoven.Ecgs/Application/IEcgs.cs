using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web.Idempotency;

namespace Idoven.Ecgs.Application;

/// <summary>The stored ECGs. Whoever asks for one names its owner; only the background work, which answers nobody, and
/// the right to read everybody's insights do not.</summary>
internal interface IEcgs
{
    void Add(Ecg ecg);

    void Add(InsightSet insights);

    /// <summary>Stores the row of the access log with the act that it records.</summary>
    void Add(EcgAccess access);

    void Add(BeatList beats);

    void Remove(Ecg ecg);

    Task<Ecg?> Find(Guid id, string ownerId, CancellationToken ct);

    Task<Ecg?> Find(Guid id, CancellationToken ct);

    /// <param name="engineVersion">The insights of this version; null for the newest.</param>
    Task<EcgInsights?> FindInsights(Guid id, string ownerId, string? engineVersion, CancellationToken ct);

    /// <summary>Returns the beats of a lead (or <see cref="BeatList.AllLeads"/>) by a version of the engine.</summary>
    /// <returns>The beats; null if that version did not look for beats.</returns>
    /// <exception cref="InvalidDataException">The stored beats cannot be decoded.</exception>
    Task<IReadOnlyList<ClassifiedBeat>?> FindBeats(Guid id, string engineVersion, short leadNumber, CancellationToken ct);

    /// <summary>Of any owner, for callers that were given this right on the host.</summary>
    Task<EcgInsights?> FindInsights(Guid id, string? engineVersion, CancellationToken ct);

    /// <summary>Returns whether there is an insight set of this version, and whether it is complete.</summary>
    Task<StoredInsights> FindStored(Guid id, string engineVersion, CancellationToken ct);

    /// <summary>
    /// Removes the insight set of this version and its beats, in the transaction that <see cref="Lock(Guid, CancellationToken)"/> began.
    /// </summary>
    Task RemoveInsights(Guid id, string engineVersion, CancellationToken ct);

    /// <summary>Processed ECGs that have no complete insights of an engine of a version or a later one.</summary>
    Task<int> CountOutdated(Version before, CancellationToken ct);

    /// <summary>The same, in the order of their ids, after one of them.</summary>
    Task<IReadOnlyList<Guid>> ListOutdated(Version before, Guid after, int limit, CancellationToken ct);

    /// <summary>Returns the number of ECGs that are queued: those that wait in the database and those sent to the analysis queue.</summary>
    Task<int> CountQueued(CancellationToken ct);

    /// <summary>Returns the number of samples of all leads of an ECG together.</summary>
    Task<long> CountSamples(Guid id, CancellationToken ct);

    /// <summary>Returns the number of samples of all ECGs of an owner together.</summary>
    Task<long> CountSamples(string ownerId, CancellationToken ct);

    /// <summary>The newest first, from after the cursor on; one more than the limit where there is more.</summary>
    Task<IReadOnlyList<Ecg>> List(EcgFilter filter, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks the row until then; null where it is gone.</summary>
    Task<Ecg?> Lock(Guid id, CancellationToken ct);

    /// <summary>The same, of an owner.</summary>
    Task<Ecg?> Lock(Guid id, string ownerId, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits by taking the request's key in it.</summary>
    /// <param name="ecg">What this request is about to store.</param>
    /// <returns>The id of what was stored under the key before; null where the key is new, and now this request's.</returns>
    /// <exception cref="RequestKeyReusedException">The key belongs to another body.</exception>
    Task<Guid?> Claim(RequestKey key, Ecg ecg, CancellationToken ct);

    /// <summary>
    /// Marks an owner as erased and deletes the owner's idempotency keys, in the transaction that <see cref="Save"/> commits; begins it if none
    /// is open. Waits for the owner's uploads in progress. Repeating it changes nothing.
    /// </summary>
    Task MarkOwnerErased(string ownerId, DateTimeOffset now, CancellationToken ct);

    /// <summary>Returns whether a request has been answered under this key, with whatever body; false if that was more than 24 hours ago.</summary>
    Task<bool> IsKnown(RequestKey key, DateTimeOffset now, CancellationToken ct);

    /// <summary>One transaction: rows, signal blocks and messages, or nothing.</summary>
    /// <exception cref="OwnerErasedException">The owner of an added ECG was erased.</exception>
    Task Save(CancellationToken ct);
}

/// <summary>Which ECGs of an owner are listed.</summary>
internal sealed record EcgFilter(
    string OwnerId, DateTimeOffset? From, DateTimeOffset? To, EcgStatus? Status, string? ExternalId, Guid? After, int Limit);

/// <summary>An ECG's state, and the insights where there are any.</summary>
internal sealed record EcgInsights(
    string OwnerId, EcgStatus Status, string? FailureReason, string? EngineVersion, byte[]? Document, bool IsIncomplete)
{
    /// <summary>Gets what an ETag says of the insights: another text once an incomplete set is replaced.</summary>
    public string Tag => IsIncomplete ? $"{EngineVersion}-incomplete" : $"{EngineVersion}";
}

/// <summary>Which insights of one version of the engine are stored.</summary>
internal enum StoredInsights
{
    None,

    /// <summary>An insight exceeded its time budget in the last attempt.</summary>
    Incomplete,
    Complete,
}

/// <summary>The owner's data were erased: a token that is still alive can store nothing more.</summary>
internal sealed class OwnerErasedException : Exception;

/// <summary>The owner's ECGs would have more samples than <see cref="EcgsOptions.SamplesPerOwner"/>.</summary>
/// <param name="stored">The samples that the owner's ECGs have.</param>
/// <param name="quota">How many they may have.</param>
internal sealed class QuotaExceededException(long stored, long quota) : Exception
{
    public long Stored => stored;

    public long Quota => quota;
}
