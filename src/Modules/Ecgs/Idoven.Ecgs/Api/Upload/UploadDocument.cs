using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Checks an upload's body token by token: the members, each at most once, and their values. An optional member that is null is treated as
/// absent.
/// </summary>
internal sealed partial class UploadDocument
{
    public const int MaxNameLength = 32;
    public const int MaxExternalIdLength = 128;
    public const int MaxUnitLength = 16;
    public const double MaxSamplingFrequency = 1_000_000;
    private const string DateRule =
        "A date must be ISO 8601 with an offset, such as 2026-11-23T10:15:00+01:00, from 1850-01-01 to 9999-12-31 in UTC.";

    private static readonly string[] RootMembers = ["date", "leads", "samplingFrequency", "unit", "gain", "adcZero", "externalId"];
    private static readonly string[] LeadMembers = ["name", "samples", "signal"];
    private static readonly DateTimeOffset Earliest = new(1850, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HashSet<string> seen = [];
    private readonly HashSet<string> seenInLead = [];
    private readonly HashSet<string> names = [];
    private readonly List<RecordedLead> leads = [];
    private Section section = Section.Start;
    private string member = "";
    private DateTimeOffset? date;
    private double? samplingFrequency;
    private string? unit;
    private double? gain;
    private int? adcZero;
    private string? externalId;
    private string? name;
    private int? samples;
    private int signal;

    private enum Section
    {
        Start,
        Root,
        RootValue,
        Leads,
        Lead,
        LeadValue,
        Signal,
        End,
    }

    /// <summary>Gets the number of samples of all leads so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Gets the JSON pointer (RFC 6901) of the next value.</summary>
    public string Pointer => section switch
    {
        Section.RootValue => $"/{Escape(member)}",
        Section.Leads => $"/leads/{leads.Count}",
        Section.Lead => $"/leads/{leads.Count}",
        Section.LeadValue or Section.Signal => $"/leads/{leads.Count}/{Escape(member)}",
        _ => "",
    };

    /// <summary>Reads the current token of the reader.</summary>
    /// <returns>True if it opened a signal: its elements come next, and then <see cref="EndSignal"/>.</returns>
    /// <exception cref="UploadException">The token breaks a rule.</exception>
    public bool ReadToken(ref Utf8JsonReader reader)
    {
        switch (section)
        {
            case Section.Start:
                Require(reader.TokenType == JsonTokenType.StartObject, "The body must be a JSON object.");
                section = Section.Root;
                break;
            case Section.Root when reader.TokenType == JsonTokenType.EndObject:
                section = Section.End;
                break;
            case Section.Root:
                member = ReadMember(ref reader, "", RootMembers, seen);
                section = Section.RootValue;
                break;
            case Section.RootValue:
                section = ReadRootValue(ref reader);
                break;
            case Section.Leads when reader.TokenType == JsonTokenType.EndArray:
                section = Section.Root;
                break;
            case Section.Leads:
                Require(reader.TokenType == JsonTokenType.StartObject, "A lead must be an object.");
                Require(leads.Count < UploadLimits.MaxLeads, $"An ECG has at most {UploadLimits.MaxLeads} leads.");
                BeginLead();
                break;
            case Section.Lead when reader.TokenType == JsonTokenType.EndObject:
                EndLead();
                break;
            case Section.Lead:
                member = ReadMember(ref reader, $"/leads/{leads.Count}", LeadMembers, seenInLead);
                section = Section.LeadValue;
                break;
            case Section.LeadValue:
                section = ReadLeadValue(ref reader);
                return section == Section.Signal;
            case Section.Signal:
                section = Section.Lead;
                break;
        }

        return false;
    }

    public void EndSignal(int count)
    {
        Require(count > 0, "A signal must have at least one sample.");
        signal = count;
        Samples += count;
    }

    /// <summary>Returns the recording after the whole body was read.</summary>
    /// <exception cref="UploadException">Something required is missing.</exception>
    public Recording Finish(byte[] bodySha256, long length)
    {
        if (section != Section.End)
        {
            throw UploadException.Malformed(length, "the body ends before its JSON does");
        }

        Require(date is not null, "/date", "Required: the date of the recording.");
        Require(seen.Contains("leads"), "/leads", "Required: at least one lead.");
        Require(leads.Count > 0, "/leads", "An ECG must have at least one lead.");
        return new Recording(date!.Value, leads, samplingFrequency, unit, gain, adcZero, externalId, bodySha256);
    }

    private Section ReadRootValue(ref Utf8JsonReader reader)
    {
        if (member == "leads")
        {
            Require(reader.TokenType == JsonTokenType.StartArray, "Leads must be an array.");
            return Section.Leads;
        }

        if (member == "date")
        {
            date = ReadDate(ref reader);
        }
        else if (reader.TokenType != JsonTokenType.Null)
        {
            switch (member)
            {
                case "samplingFrequency":
                    samplingFrequency = ReadPositive(ref reader);
                    Require(samplingFrequency <= MaxSamplingFrequency, $"Must be at most {MaxSamplingFrequency} Hz.");
                    break;
                case "unit":
                    unit = ReadText(ref reader, MaxUnitLength);
                    break;
                case "gain":
                    gain = ReadPositive(ref reader);
                    break;
                case "adcZero":
                    adcZero = ReadInteger(ref reader);
                    break;
                default:
                    externalId = ReadText(ref reader, MaxExternalIdLength);
                    break;
            }
        }

        return Section.Root;
    }

    private Section ReadLeadValue(ref Utf8JsonReader reader)
    {
        switch (member)
        {
            case "signal":
                Require(reader.TokenType == JsonTokenType.StartArray, "A signal must be an array of integers.");
                return Section.Signal;
            case "name":
                name = ReadText(ref reader, MaxNameLength);
                Require(name.AsSpan().Trim().Length == name.Length, "A name must not begin or end with a space.");
                Require(names.Add(name), "The names of the leads must be unique within an ECG.");
                break;
            default:
                samples = reader.TokenType == JsonTokenType.Null ? null : ReadInteger(ref reader);
                break;
        }

        return Section.Lead;
    }

    private void BeginLead()
    {
        section = Section.Lead;
        seenInLead.Clear();
        name = null;
        samples = null;
        signal = 0;
    }

    private void EndLead()
    {
        var lead = $"/leads/{leads.Count}";
        Require(name is not null, $"{lead}/name", "Required: the name of the lead.");
        Require(signal > 0, $"{lead}/signal", "Required: the samples of the lead.");
        Require(samples is null || samples == signal, $"{lead}/samples", $"The signal has {signal} samples.");
        leads.Add(new RecordedLead(name!, signal));
        section = Section.Leads;
    }

    private static string ReadMember(ref Utf8JsonReader reader, string parent, string[] known, HashSet<string> seen)
    {
        var member = reader.GetString()!;
        var pointer = $"{parent}/{Escape(member)}";
        if (!known.Contains(member))
        {
            var detail = parent.Length == 0 && member == "id"
                ? "The service creates the id."
                : $"Unknown member; the members are {string.Join(", ", known)}.";
            throw UploadException.Invalid(pointer, detail);
        }

        return seen.Add(member) ? member : throw UploadException.Invalid(pointer, "The member occurs twice.");
    }

    private DateTimeOffset ReadDate(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.String, DateRule);
        var match = IsoDate().Match(reader.GetString()!);
        Require(match.Success, DateRule);
        var hours = match.Groups["hours"];
        var text = hours.Success ? $"{match.Groups["local"]}{hours}:{match.Groups["minutes"]}" : match.Value;

        // A moment after the year 9999 in UTC cannot be parsed.
        Require(DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var value), DateRule);
        Require(value >= Earliest, DateRule);
        return value;
    }

    private string ReadText(ref Utf8JsonReader reader, int maxLength)
    {
        Require(reader.TokenType == JsonTokenType.String, "A string is expected.");
        var text = reader.GetString()!;
        Require(text.Length is > 0 && text.Length <= maxLength, $"Must have 1 to {maxLength} characters.");
        Require(!text.Any(char.IsControl), "Must not contain control characters.");
        return text;
    }

    private double ReadPositive(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.Number, "A number is expected.");
        Require(reader.TryGetDouble(out var value) && double.IsFinite(value) && value > 0, "Must be a finite number greater than zero.");
        return value;
    }

    private int ReadInteger(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.Number, "An integer is expected.");
        var text = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var isWhole = point < 0 || text[(point + 1)..].IndexOfAnyExcept((byte)'0') < 0;
        var value = 0;
        Require(
            isWhole && int.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value),
            "Must be an integer within int32 without an exponent; only zeros may follow a decimal point.");
        return value;
    }

    private void Require(bool holds, string rule) => Require(holds, Pointer, rule);

    private static void Require(bool holds, string pointer, string rule)
    {
        if (!holds)
        {
            throw UploadException.Invalid(pointer, rule);
        }
    }

    /// <summary>Escapes a member for a JSON pointer (RFC 6901), and shortens it.</summary>
    private static string Escape(string member) => (member.Length > 64 ? member[..64] : member)
        .Replace("~", "~0", StringComparison.Ordinal)
        .Replace("/", "~1", StringComparison.Ordinal);

    [GeneratedRegex(
        @"\A(?<local>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)"
            + @"(Z|(?<hours>[+-][0-9]{2}):?(?<minutes>[0-9]{2}))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex IsoDate();
}
