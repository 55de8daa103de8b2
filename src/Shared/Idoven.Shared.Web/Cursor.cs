using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Shared.Web;

/// <summary>
/// Writes and reads cursors: the last id of a page, and a checksum of the id and the list. The checksum detects a cursor that was changed
/// or belongs to another list. It is not a protection: every query checks the access itself.
/// </summary>
public static class Cursor
{
    private const int IdLength = 16;
    private const int SumLength = 8;

    /// <param name="list">Identifies the list: its owner and all filters.</param>
    public static string Write(Guid last, string list)
    {
        Span<byte> bytes = stackalloc byte[IdLength + SumLength];
        last.TryWriteBytes(bytes, bigEndian: true, out _);
        Sum(bytes[..IdLength], list).CopyTo(bytes[IdLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns>False if the cursor is not from this list.</returns>
    public static bool TryRead(string cursor, string list, out Guid last)
    {
        last = default;
        Span<byte> bytes = stackalloc byte[IdLength + SumLength];
        if (cursor.Length != Base64Url.GetEncodedLength(bytes.Length)
            || Base64Url.DecodeFromChars(cursor, bytes, out _, out var written) != OperationStatus.Done || written != bytes.Length
            || !Sum(bytes[..IdLength], list).SequenceEqual(bytes[IdLength..]))
        {
            return false;
        }

        last = new Guid(bytes[..IdLength], bigEndian: true);
        return cursor == Write(last, list);
    }

    private static ReadOnlySpan<byte> Sum(ReadOnlySpan<byte> id, string list) =>
        SHA256.HashData([.. id, .. Encoding.UTF8.GetBytes(list)]).AsSpan(0, SumLength);
}
