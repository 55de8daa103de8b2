using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Shared.Audit;

/// <summary>
/// A row of a module's <c>audit_seals</c>: the ids and hashes of audit rows, in a chain of signed seals.
/// </summary>
internal sealed class AuditSeal
{
    public const int HashLength = SHA256.HashSizeInBytes;

    /// <summary>Gets the number of the seal: from 1, without a gap.</summary>
    public required long Number { get; init; }

    /// <summary>Gets the time by the clock of the database.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Gets the ids of the sealed rows.</summary>
    public required Guid[] Ids { get; init; }

    /// <summary>Gets the concatenated SHA-256 hashes of the rows.</summary>
    public required byte[] RowHashes { get; init; }

    /// <summary>Gets the hash of the previous seal; 32 zero bytes for the first.</summary>
    public required byte[] Previous { get; init; }

    /// <summary>Gets the id of the signing key.</summary>
    public required string KeyId { get; init; }

    /// <summary>Gets the SHA-256 of all members above.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Gets the signature of the hash: ECDSA on P-256.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>Returns the hash that a seal with this content has.</summary>
    public static byte[] HashOf(string module, long number, DateTimeOffset at, Guid[] ids, byte[] rowHashes, byte[] previous, string keyId)
    {
        using var fields = new HashedFields();
        fields.Add("seal 1");
        fields.Add(module);
        fields.Add(number);
        fields.Add(at);
        fields.Add(ids.Length);
        foreach (var id in ids)
        {
            fields.Add(id);
        }

        fields.Add(rowHashes);
        fields.Add(previous);
        fields.Add(keyId);
        return fields.Hash();
    }

    /// <summary>Returns the hash of a row of a module's trail, of everything that it says.</summary>
    public static byte[] HashOf(string module, AuditRow row)
    {
        using var fields = new HashedFields();
        fields.Add("row 1");
        fields.Add(module);
        fields.Add(row.Id);
        fields.Add(row.At);
        fields.Add(row.Action);
        fields.Add(row.Outcome);
        fields.Add(row.Reason);
        fields.Add(row.Subject);
        fields.Add(row.ClientId);
        fields.Add(row.Target);
        fields.Add(row.SessionId?.ToString());
        fields.Add(row.Address?.ToString());
        fields.Add(row.TraceId);
        fields.Add(row.Count);
        return fields.Hash();
    }

    /// <summary>Writes fields with their lengths: no two lists of fields have the same bytes.</summary>
    private sealed class HashedFields : IDisposable
    {
        private const int None = -1;
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Add(string? text)
        {
            if (text is null)
            {
                AddLength(None);
            }
            else
            {
                Add(Encoding.UTF8.GetBytes(text));
            }
        }

        public void Add(byte[] bytes)
        {
            AddLength(bytes.Length);
            hash.AppendData(bytes);
        }

        public void Add(Guid id)
        {
            Span<byte> bytes = stackalloc byte[16];
            id.TryWriteBytes(bytes, bigEndian: true, out _);
            hash.AppendData(bytes);
        }

        /// <summary>Writes a time with the precision of the database.</summary>
        public void Add(DateTimeOffset time) => Add((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

        public void Add(long number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(bytes, number);
            hash.AppendData(bytes);
        }

        public byte[] Hash() => hash.GetHashAndReset();

        public void Dispose() => hash.Dispose();

        private void AddLength(int length)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(bytes, length);
            hash.AppendData(bytes);
        }
    }
}

/// <summary>
/// An audit row that waits for its seal. It is removed with the seal. If it is lost, the row is sealed late, and the check reports it.
/// </summary>
internal sealed class UnsealedRow
{
    public required Guid Id { get; init; }

    /// <summary>
    /// Gets the time from which it can be sealed: a row that counts rejected requests can change until its minute has ended.
    /// </summary>
    public required DateTimeOffset DueAt { get; init; }
}

/// <summary>The public half of a key that seals were signed with.</summary>
internal sealed class SealKeyRow
{
    /// <summary>
    /// Gets the SHA-256 of <see cref="PublicKey"/>, in hexadecimal digits: an operator that trusts the id trusts this key and no other.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Gets the key as SubjectPublicKeyInfo (RFC 5280).</summary>
    public required byte[] PublicKey { get; init; }
}
