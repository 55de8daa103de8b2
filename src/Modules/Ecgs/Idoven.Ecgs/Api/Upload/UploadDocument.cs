using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// The rules of an upload's body, token by token: which members there are, once each, and what they may hold. An optional member
/// that is null counts as absent.
/// </summary>
internal sealed partial class UploadDocument
{
    public const int MaxNameLength = 32;
    public const int MaxExternalIdLength = 128;
    public const int MaxUnitLength = 16;
    public const double MaxSamplingFrequency = 1_000_000;
    private const string DateRule =
        "A date is ISO 8601 with an offset, such as 2026-11-23T10:15:00+01:00, from 1850-01-01 to 9999-12-31 in UTC.";

    private static readonly string[] RootMembers = ["date", "leads", "samplingFrequency", "unit", "gain", "adcZero", "externalId"];
    private static readonly string[] LeadMembers = ["name", "samples", "signal"];
    private static readonly DateTimeOffset Earliest = new(1850, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HashSet<string> seen = [];
    private readonly HashSet<string> seenInLead = [];
    private readonly HashSet<string> names = [];
    private readonly List<RecordedLead> leads = [];
    private Where where = Where.Start;
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

    private enum Where
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

    /// <summary>Samples of all leads so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Where the next value stands.</summary>
    public string Pointer => where switch
    {
        Where.RootValue => $"/{Escape(member)}",
        Where.Leads => $"/leads/{leads.Count}",
        Where.Lead => $"/leads/{leads.Count}",
        Where.LeadValue or Where.Signal => $"/leads/{leads.Count}/{Escape(member)}",
        _ => "",
    };

    /// <summary>Takes the token the reader stands on.</summary>
    /// <returns>True where it opened a signal: its elements come next, and then <see cref="EndSignal"/>.</returns>
    /// <exception cref="UploadException">A rule is broken.</exception>
    public bool Take(ref Utf8JsonReader reader)
    {
        switch (where)
        {
            case Where.Start:
                Require(reader.TokenType == JsonTokenType.StartObject, "The body is a JSON object.");
                where = Where.Root;
                break;
            case Where.Root when reader.TokenType == JsonTokenType.EndObject:
                where = Where.End;
                break;
            case Where.Root:
                member = Member(ref reader, "", RootMembers, seen);
                where = Where.RootValue;
                break;
            case Where.RootValue:
                where = RootValue(ref reader);
                break;
            case Where.Leads when reader.TokenType == JsonTokenType.EndArray:
                where = Where.Root;
                break;
            case Where.Leads:
                Require(reader.TokenType == JsonTokenType.StartObject, "A lead is an object.");
                Require(leads.Count < UploadLimits.MaxLeads, $"An ECG has at most {UploadLimits.MaxLeads} leads.");
                BeginLead();
                break;
            case Where.Lead when reader.TokenType == JsonTokenType.EndObject:
                EndLead();
                break;
            case Where.Lead:
                member = Member(ref reader, $"/leads/{leads.Count}", LeadMembers, seenInLead);
                where = Where.LeadValue;
                break;
            case Where.LeadValue:
                where = LeadValue(ref reader);
                return where == Where.Signal;
            case Where.Signal:
                where = Where.Lead;
                break;
        }

        return false;
    }

    public void EndSignal(int count)
    {
        Require(count > 0, "A signal has one sample or more.");
        signal = count;
        Samples += count;
    }

    /// <summary>The whole body has been read.</summary>
    /// <exception cref="UploadException">Something required is missing.</exception>
    public Recording Finish(byte[] bodySha256, long length)
    {
        if (where != Where.End)
        {
            throw UploadException.Broken(length, "the body ends before its JSON does");
        }

        Require(date is not null, "/date", "Required: when the ECG was recorded.");
        Require(seen.Contains("leads"), "/leads", "Required: one lead or more.");
        Require(leads.Count > 0, "/leads", "An ECG has one lead or more.");
        return new Recording(date!.Value, leads, samplingFrequency, unit, gain, adcZero, externalId, bodySha256);
    }

    private Where RootValue(ref Utf8JsonReader reader)
    {
        if (member == "leads")
        {
            Require(reader.TokenType == JsonTokenType.StartArray, "Leads are an array.");
            return Where.Leads;
        }

        if (member == "date")
        {
            date = Date(ref reader);
        }
        else if (reader.TokenType != JsonTokenType.Null)
        {
            switch (member)
            {
                case "samplingFrequency":
                    samplingFrequency = Positive(ref reader);
                    Require(samplingFrequency <= MaxSamplingFrequency, $"At most {MaxSamplingFrequency} Hz.");
                    break;
                case "unit":
                    unit = Text(ref reader, MaxUnitLength);
                    break;
                case "gain":
                    gain = Positive(ref reader);
                    break;
                case "adcZero":
                    adcZero = Integer(ref reader);
                    break;
                default:
                    externalId = Text(ref reader, MaxExternalIdLength);
                    break;
            }
        }

        return Where.Root;
    }

    private Where LeadValue(ref Utf8JsonReader reader)
    {
        switch (member)
        {
            case "signal":
                Require(reader.TokenType == JsonTokenType.StartArray, "A signal is an array of integers.");
                return Where.Signal;
            case "name":
                name = Text(ref reader, MaxNameLength);
                Require(name.AsSpan().Trim().Length == name.Length, "A name has no blanks at its ends.");
                Require(names.Add(name), "A lead name stands once in an ECG.");
                break;
            default:
                samples = reader.TokenType == JsonTokenType.Null ? null : Integer(ref reader);
                break;
        }

        return Where.Lead;
    }

    private void BeginLead()
    {
        where = Where.Lead;
        seenInLead.Clear();
        name = null;
        samples = null;
        signal = 0;
    }

    private void EndLead()
    {
        var lead = $"/leads/{leads.Count}";
        Require(name is not null, $"{lead}/name", "Required: the lead's name.");
        Require(signal > 0, $"{lead}/signal", "Required: the lead's samples.");
        Require(samples is null || samples == signal, $"{lead}/samples", $"The signal has {signal} samples.");
        leads.Add(new RecordedLead(name!, signal));
        where = Where.Leads;
    }

    private static string Member(ref Utf8JsonReader reader, string parent, string[] known, HashSet<string> seen)
    {
        var member = reader.GetString()!;
        var pointer = $"{parent}/{Escape(member)}";
        if (!known.Contains(member))
        {
            throw UploadException.Invalid(pointer, parent.Length == 0 && member == "id" ? "The service gives ids." : $"Unknown member; known are {string.Join(", ", known)}.");
        }

        return seen.Add(member) ? member : throw UploadException.Invalid(pointer, "The member stands here twice.");
    }

    private DateTimeOffset Date(ref Utf8JsonReader reader)
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

    private string Text(ref Utf8JsonReader reader, int maxLength)
    {
        Require(reader.TokenType == JsonTokenType.String, "A string is expected.");
        var text = reader.GetString()!;
        Require(text.Length is > 0 && text.Length <= maxLength, $"1 to {maxLength} characters.");
        Require(!text.Any(char.IsControl), "No control characters.");
        return text;
    }

    private double Positive(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.Number, "A number is expected.");
        Require(reader.TryGetDouble(out var value) && double.IsFinite(value) && value > 0, "A finite number above zero.");
        return value;
    }

    private int Integer(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.Number, "An integer is expected.");
        var text = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var isWhole = point < 0 || text[(point + 1)..].IndexOfAnyExcept((byte)'0') < 0;
        var value = 0;
        Require(
            isWhole && int.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value),
            "An integer within int32, without an exponent; only zeros may follow a decimal point.");
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

    /// <summary>RFC 6901, and no longer than somebody reads.</summary>
    private static string Escape(string member) =>
        (member.Length > 64 ? member[..64] : member).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    [GeneratedRegex(
        @"\A(?<local>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)"
            + @"(Z|(?<hours>[+-][0-9]{2}):?(?<minutes>[0-9]{2}))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex IsoDate();
}
