using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Reads an upload's body as it arrives: checked, hashed, and its signals encoded into blocks. Memory grows with the encoded
/// signals, never with the text. Outside the signals it is System.Text.Json that reads; inside, <see cref="SignalScanner"/>.
/// </summary>
internal sealed class UploadReader(SignalEncoder encoder, UploadLimits limits)
{
    // Strings are 128 characters at most, so a token that doesn't end within this is refused rather than buffered.
    private const int MaxTokenBytes = 64 * 1024;
    private static readonly JsonReaderOptions JsonOptions = new() { MaxDepth = 8 };

    private readonly UploadDocument document = new();
    private readonly SignalScanner scanner = new(encoder);
    private JsonReaderState state = new(JsonOptions);
    private bool isInSignal;
    private long position;

    /// <summary>Reads to the end.</summary>
    /// <returns>The recording; its blocks are in the encoder.</returns>
    /// <exception cref="UploadException">The body is refused, and why.</exception>
    /// <exception cref="SignalBudgetException">The host holds as much as it may.</exception>
    public async Task<Recording> Read(PipeReader body, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (true)
        {
            var read = await body.ReadAsync(ct);
            var consumed = read.Buffer.End;
            try
            {
                consumed = Take(read.Buffer, read.IsCompleted, hash);
            }
            finally
            {
                // Of a refused body too: the server can drain the rest, and the client reads the refusal.
                body.AdvanceTo(consumed, read.Buffer.End);
            }

            if (read.IsCompleted)
            {
                return document.Finish(hash.GetHashAndReset(), position);
            }
        }
    }

    private SequencePosition Take(ReadOnlySequence<byte> buffer, bool isFinal, IncrementalHash hash)
    {
        if (position + buffer.Length > limits.MaxBodyBytes)
        {
            throw UploadException.TooLarge($"The body, unpacked, is over {limits.MaxBodyBytes} bytes.");
        }

        var consumed = Parse(buffer, isFinal);
        foreach (var segment in buffer.Slice(0, consumed))
        {
            hash.AppendData(segment.Span);
        }

        var rest = buffer.Slice(consumed);
        position += buffer.Length - rest.Length;
        return rest.Length <= MaxTokenBytes
            ? consumed
            : throw UploadException.Broken(position, "a string or a stretch of white space is too long");
    }

    private SequencePosition Parse(ReadOnlySequence<byte> buffer, bool isFinal)
    {
        var rest = buffer;
        while (true)
        {
            if (isInSignal)
            {
                rest = TakeSignal(rest, position + buffer.Length - rest.Length);
                if (isInSignal)
                {
                    return isFinal
                        ? throw UploadException.Broken(position + buffer.Length, "the body ends inside a signal")
                        : rest.Start;
                }
            }

            rest = TakeJson(rest, isFinal, position + buffer.Length - rest.Length);
            if (!isInSignal)
            {
                return rest.Start;
            }
        }
    }

    private ReadOnlySequence<byte> TakeSignal(ReadOnlySequence<byte> rest, long at)
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
                document.EndSignal(scanner.Count);
                encoder.EndLead();
                break;
            }
        }

        return rest.Slice(total);
    }

    private ReadOnlySequence<byte> TakeJson(ReadOnlySequence<byte> rest, bool isFinal, long at)
    {
        var reader = new Utf8JsonReader(rest, isFinal, state);
        try
        {
            // To System.Text.Json a signal is an empty array: it sees the brackets, the scanner what stands between.
            while (!isInSignal && reader.Read())
            {
                isInSignal = document.Take(ref reader);
            }
        }
        catch (JsonException e)
        {
            throw UploadException.Broken(at + reader.BytesConsumed, $"not JSON: {FirstSentence(e.Message)}");
        }
        catch (InvalidOperationException)
        {
            throw UploadException.Invalid(document.Pointer, "The text is not valid UTF-8.");
        }

        state = reader.CurrentState;
        if (isInSignal)
        {
            scanner.Begin();
        }

        return rest.Slice(reader.Position);
    }

    private static string FirstSentence(string message) => message.Split(". LineNumber", 2)[0];
}
