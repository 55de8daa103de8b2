using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web.Idempotency;

namespace Idoven.Ecgs.Application;

/// <summary>
/// Represents the stored ECGs and the module's unit of work: locks, claims and additions belong to the transaction that <see cref="Save"/>
/// commits. Every request of a user or client names the owner. Only background jobs, operators, and callers with the right to read all
/// insights use the methods without an owner.
/// </summary>
internal interface IEcgs
{
    void Add(Ecg ecg);

    void Add(InsightSet insights);

    /// <summary>Adds the row of the access log for an action, which is stored in the same transaction.</summary>
    void Add(EcgAccess access);

    void Add(BeatList beats);

    void Remove(Ecg ecg);

    Task<Ecg?> Find(Guid id, string ownerId, CancellationToken ct);

    Task<Ecg?> Find(Guid id, CancellationToken ct);

    /// <param name="engineVersion">The version of the insights; null for the newest.</param>
    Task<EcgInsights?> FindInsights(Guid id, string ownerId, string? engineVersion, CancellationToken ct);

    /// <summary>Returns the beats of a lead (or <see cref="BeatList.AllLeads"/>) by a version of the engine.</summary>
    /// <returns>The beats; null if that version did not look for beats.</returns>
    /// <exception cref="InvalidDataException">The stored beats cannot be decoded.</exception>
    Task<IReadOnlyList<ClassifiedBeat>?> FindBeats(Guid id, string engineVersion, short leadNumber, CancellationToken ct);

    /// <summary>Returns the insights of an ECG of any owner, for callers that have this right.</summary>
    Task<EcgInsights?> FindInsights(Guid id, string? engineVersion, CancellationToken ct);

    /// <summary>Returns whether there is an insight set of this version, and whether it is complete.</summary>
    Task<StoredInsights> FindStored(Guid id, string engineVersion, CancellationToken ct);

    /// <summary>
    /// Removes the insight set of this version and its beats, in the transaction that <see cref="Save"/> commits; begins it if none is
    /// open.
    /// </summary>
    Task RemoveInsights(Guid id, string engineVersion, CancellationToken ct);

    /// <summary>Returns the number of processed ECGs without complete insights of this engine version or a later one.</summary>
    Task<int> CountOutdated(Version before, CancellationToken ct);

    /// <summary>Returns the ids of processed ECGs without complete insights of this engine version or a later one, in order.</summary>
    /// <param name="after">The id after which the list begins.</param>
    Task<IReadOnlyList<Guid>> ListOutdated(Version before, Guid after, int limit, CancellationToken ct);

    /// <summary>Returns the number of ECGs that are queued: those that wait in the database and those sent to the analysis queue.</summary>
    Task<int> CountQueued(CancellationToken ct);

    /// <summary>Returns the number of samples of all leads of an ECG together.</summary>
    Task<long> CountSamples(Guid id, CancellationToken ct);

    /// <summary>Returns the number of samples of all ECGs of an owner together.</summary>
    Task<long> CountSamples(string ownerId, CancellationToken ct);

    /// <summary>Returns ECGs after the cursor, newest first; one more than the limit if there are more.</summary>
    Task<IReadOnlyList<Ecg>> List(EcgFilter filter, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks the row until then.</summary>
    /// <returns>The ECG; null if it does not exist.</returns>
    Task<Ecg?> Lock(Guid id, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks an owner's row until then.</summary>
    /// <returns>The ECG; null if the owner has no such ECG.</returns>
    Task<Ecg?> Lock(Guid id, string ownerId, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and claims the request's idempotency key in it.</summary>
    /// <param name="ecg">The ECG that the request will store.</param>
    /// <returns>
    /// The id of the ECG that an earlier request stored under the key, and then the transaction is rolled back; null if the key is new.
    /// </returns>
    /// <exception cref="RequestKeyReusedException">The key belongs to another body.</exception>
    Task<Guid?> Claim(RequestKey key, Ecg ecg, CancellationToken ct);

    /// <summary>
    /// Marks an owner as erased and deletes the owner's idempotency keys, in the transaction that <see cref="Save"/> commits; begins it if
    /// none is open. Waits for the owner's uploads in progress. Repeating it changes nothing.
    /// </summary>
    Task MarkOwnerErased(string ownerId, DateTimeOffset now, CancellationToken ct);

    /// <summary>Returns whether a request with this key succeeded in the last 24 hours, with any body.</summary>
    Task<bool> IsKnown(RequestKey key, DateTimeOffset now, CancellationToken ct);

    /// <summary>Stores the added rows, signal blocks and messages, and commits the transaction. If it fails, nothing is stored.</summary>
    /// <exception cref="OwnerErasedException">The owner of an added ECG was erased.</exception>
    /// <exception cref="QuotaExceededException">The owner's ECGs would have too many samples.</exception>
    Task Save(CancellationToken ct);
}

/// <summary>Represents the filter of a list of an owner's ECGs.</summary>
internal sealed record EcgFilter(
    string OwnerId, DateTimeOffset? From, DateTimeOffset? To, EcgStatus? Status, string? ExternalId, Guid? After, int Limit);

/// <summary>Represents the status of an ECG, with its insights if there are any.</summary>
internal sealed record EcgInsights(
    string OwnerId, EcgStatus Status, string? FailureReason, string? EngineVersion, byte[]? Document, bool IsIncomplete)
{
    /// <summary>Gets the part of the ETag for the insights, which changes when an incomplete set is replaced.</summary>
    public string Tag => IsIncomplete ? $"{EngineVersion}-incomplete" : $"{EngineVersion}";
}

/// <summary>Represents the state of the stored insights of one engine version.</summary>
internal enum StoredInsights
{
    None,

    /// <summary>An insight exceeded its time budget in the last attempt.</summary>
    Incomplete,
    Complete,
}

/// <summary>The owner was erased, so a token that has not expired yet can store nothing more.</summary>
internal sealed class OwnerErasedException : Exception;

/// <summary>The owner's ECGs would have more samples than <see cref="EcgsOptions.SamplesPerOwner"/>.</summary>
/// <param name="stored">The number of samples of the owner's ECGs.</param>
/// <param name="quota">The maximum.</param>
internal sealed class QuotaExceededException(long stored, long quota) : Exception
{
    public long Stored => stored;

    public long Quota => quota;
}
