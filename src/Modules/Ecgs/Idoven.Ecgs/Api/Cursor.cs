using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Idoven.Ecgs.Application;

namespace Idoven.Ecgs.Api;

/// <summary>
/// Where the next page begins: the last id given out, and a check sum over it, the owner and the filters. The sum finds a cursor
/// that was altered or belongs to another list; it guards nothing, for ownership stands in every query.
/// </summary>
internal static class Cursor
{
    private const int IdLength = 16;
    private const int SumLength = 8;

    public static string Write(Guid last, EcgFilter filter)
    {
        Span<byte> bytes = stackalloc byte[IdLength + SumLength];
        last.TryWriteBytes(bytes, bigEndian: true, out _);
        Sum(bytes[..IdLength], filter).CopyTo(bytes[IdLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string cursor, EcgFilter filter, out Guid last)
    {
        last = default;
        Span<byte> bytes = stackalloc byte[IdLength + SumLength];
        if (cursor.Length != Base64Url.GetEncodedLength(bytes.Length)
            || Base64Url.DecodeFromChars(cursor, bytes, out _, out var written) != OperationStatus.Done || written != bytes.Length
            || !Sum(bytes[..IdLength], filter).SequenceEqual(bytes[IdLength..]))
        {
            return false;
        }

        last = new Guid(bytes[..IdLength], bigEndian: true);
        return cursor == Write(last, filter);
    }

    private static ReadOnlySpan<byte> Sum(ReadOnlySpan<byte> id, EcgFilter filter)
    {
        var list = $"{filter.OwnerId}\n{filter.From:O}\n{filter.To:O}\n{filter.Status}\n{filter.ExternalId}";
        return SHA256.HashData([.. id, .. Encoding.UTF8.GetBytes(list)]).AsSpan(0, SumLength);
    }
}
