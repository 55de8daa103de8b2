using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Reads an upload's body as it arrives, checks and hashes it, and encodes its signals into blocks. The memory grows with the encoded
/// signals, not with the text. System.Text.Json reads everything outside the signals, <see cref="SignalScanner"/> the signals.
/// </summary>
/// <param name="encoder">The encoder of the signals.</param>
/// <param name="limits">The limits of an upload.</param>
/// <param name="waitForTurn">
/// Waits until a piece of the body may be parsed; the turn ends when its result is disposed. Null if no other body is parsed.
/// </param>
internal sealed class UploadReader(
    SignalEncoder encoder, UploadLimits limits, Func<CancellationToken, Task<IDisposable>>? waitForTurn = null)
{
    // Strings have at most 128 characters, so a token that is longer than this is rejected instead of buffered.
    private const int MaxTokenBytes = 64 * 1024;
    private const int MaxMessage = 160;
    private static readonly JsonReaderOptions JsonOptions = new() { MaxDepth = 8 };

    private readonly UploadDocument document = new();
    private readonly SignalScanner scanner = new(encoder);
    private JsonReaderState state = new(JsonOptions);
    private bool hasBegun;
    private bool isInSignal;
    private long position;
    private long lastToken;

    /// <summary>Reads to the end.</summary>
    /// <returns>The recording; its blocks are in the encoder.</returns>
    /// <exception cref="UploadException">The body is rejected.</exception>
    /// <exception cref="SignalBudgetException">The host, or the caller, holds as many bytes as it may.</exception>
    public async Task<Recording> Read(PipeReader body, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (true)
        {
            var read = await Next(body, ct);
            var consumed = read.Buffer.End;
            try
            {
                using var turn = waitForTurn is null ? null : await waitForTurn(ct);
                consumed = ReadPiece(read.Buffer, read.IsCompleted, hash);
            }
            finally
            {
                // Also for a rejected body, so that the server can drain the rest and the client reads the response. Also for an empty end,
                // where the parser has no position: an unfinished read would close the client's connection.
                body.AdvanceTo(read.Buffer.IsEmpty ? read.Buffer.End : consumed, read.Buffer.End);
            }

            if (read.IsCompleted)
            {
                return document.Finish(hash.GetHashAndReset(), position);
            }
        }
    }

    private async ValueTask<ReadResult> Next(PipeReader body, CancellationToken ct)
    {
        try
        {
            return await body.ReadAsync(ct);
        }
        catch (Exception e) when (ContentCoding.IsDamage(e))
        {
            throw UploadException.Malformed(position, "the body cannot be decompressed by its Content-Encoding");
        }
    }

    private SequencePosition ReadPiece(ReadOnlySequence<byte> buffer, bool isFinal, IncrementalHash hash)
    {
        if (position + buffer.Length > limits.MaxBodyBytes)
        {
            throw UploadException.TooLarge($"The decompressed body is longer than {limits.MaxBodyBytes} bytes.");
        }

        var consumed = Parse(buffer, isFinal);
        foreach (var segment in buffer.Slice(0, consumed))
        {
            hash.AppendData(segment.Span);
        }

        position += buffer.Length - buffer.Slice(consumed).Length;
        return consumed;
    }

    private SequencePosition Parse(ReadOnlySequence<byte> buffer, bool isFinal)
    {
        var rest = buffer;
        if (!hasBegun && !SkipByteOrderMark(ref rest, isFinal))
        {
            return rest.Start;
        }

        while (true)
        {
            if (isInSignal)
            {
                rest = ReadSignal(rest, position + buffer.Length - rest.Length);
                if (isInSignal)
                {
                    return rest.Start;
                }
            }

            rest = ReadJson(rest, isFinal, position + buffer.Length - rest.Length);
            if (!isInSignal)
            {
                return rest.Start;
            }
        }
    }

    /// <summary>Skips the byte order mark that some programs write before UTF-8.</summary>
    /// <returns>False if more bytes are needed to tell whether there is one.</returns>
    private bool SkipByteOrderMark(ref ReadOnlySequence<byte> rest, bool isFinal)
    {
        var mark = Encoding.UTF8.Preamble;
        Span<byte> first = stackalloc byte[mark.Length];
        first = first[..(int)Math.Min(rest.Length, mark.Length)];
        rest.Slice(0, first.Length).CopyTo(first);
        if (mark.StartsWith(first))
        {
            if (first.Length == mark.Length)
            {
                rest = rest.Slice(mark.Length);
                lastToken = mark.Length;
            }
            else if (!isFinal)
            {
                return false;
            }
        }

        hasBegun = true;
        return true;
    }

    private ReadOnlySequence<byte> ReadSignal(ReadOnlySequence<byte> rest, long at)
    {
        var total = 0L;
        foreach (var segment in rest)
        {
            var (read, atEnd) = scanner.Scan(segment.Span, limits.MaxSamples - document.Samples);
            total += read;
            if (scanner.Error is { } error)
            {
                throw UploadException.Invalid($"{document.Pointer}/{scanner.Count}", $"At byte {at + total}: {error}.");
            }

            if (scanner.Count > limits.MaxSamples - document.Samples)
            {
                throw UploadException.TooLarge($"The ECG has more than {limits.MaxSamples} samples.");
            }

            if (atEnd)
            {
                isInSignal = false;
                lastToken = at + total;
                document.EndSignal(scanner.Count);
                encoder.EndLead();
                break;
            }
        }

        return rest.Slice(total);
    }

    private ReadOnlySequence<byte> ReadJson(ReadOnlySequence<byte> rest, bool isFinal, long at)
    {
        var reader = new Utf8JsonReader(rest, isFinal, state);

        // For System.Text.Json a signal is an empty array: it reads the brackets, and the scanner reads the elements.
        while (!isInSignal && Advance(ref reader, at))
        {
            CheckTokenLength(at + reader.BytesConsumed);
            lastToken = at + reader.BytesConsumed;
            isInSignal = ReadToken(ref reader);
        }

        state = reader.CurrentState;
        if (isInSignal)
        {
            scanner.Begin();
        }
        else
        {
            CheckTokenLength(at + rest.Length);
        }

        return rest.Slice(reader.Position);
    }

    private bool Advance(ref Utf8JsonReader reader, long at)
    {
        try
        {
            return reader.Read();
        }
        catch (JsonException e)
        {
            throw UploadException.Malformed(Math.Max(lastToken, at + reader.BytesConsumed), $"not JSON: {Brief(e.Message)}");
        }
        catch (IndexOutOfRangeException)
        {
            // A defect of the reader with a literal at the end of the body, at the boundary of two buffers (dotnet/runtime#134448).
            throw UploadException.Malformed(lastToken, "not JSON: the body ends inside a literal");
        }
    }

    private bool ReadToken(ref Utf8JsonReader reader)
    {
        try
        {
            return document.ReadToken(ref reader);
        }
        catch (InvalidOperationException)
        {
            throw UploadException.Invalid(document.Pointer, "The text is not valid Unicode.");
        }
    }

    private void CheckTokenLength(long end)
    {
        if (end - lastToken > MaxTokenBytes)
        {
            throw UploadException.Malformed(lastToken, "a string, a number or white space is too long");
        }
    }

    /// <summary>The first sentence, bounded: the reader may quote all that follows.</summary>
    private static string Brief(string message)
    {
        var sentence = message.Split(". LineNumber", 2)[0];
        return sentence.Length > MaxMessage ? $"{sentence[..MaxMessage]} ..." : sentence;
    }
}
