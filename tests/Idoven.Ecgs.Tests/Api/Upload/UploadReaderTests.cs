using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Idoven.Ecgs.Api.Upload;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Idoven.Ecgs.Infrastructure;

namespace Idoven.Ecgs.Tests.Api.Upload;

public sealed class UploadReaderTests
{
    private const string Date = "\"date\":\"2026-11-23T10:15:00+01:00\"";
    private const string Lead = "{\"name\":\"I\",\"signal\":[1,2]}";
    private const string Right = $"{{{Date},\"leads\":[{Lead}]}}";
    private const int MaxToken = 64 * 1024;

    [Fact]
    public async Task Body_with_all_members_is_read()
    {
        var outcome = await Outcome.Read(
            """
            { "externalId": "MIT/100", "unit": "uV", "gain": 2e2, "adcZero": -1024, "samplingFrequency": 360.5,
              "leads": [ { "name": "MLII", "samples": 3, "signal": [ -2147483648, 2147483647 , -0 ] },
                         { "signal": [7], "name": "V5 \u00fc" } ],
              "date": "2026-11-23T10:15:00.25+01:00" }
            """);

        Assert.Null(outcome.Rejection);
        var recording = outcome.Recording!;
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 10, 15, 0, 250, TimeSpan.FromHours(1)), recording.Date);
        Assert.Equal([new RecordedLead("MLII", 3), new RecordedLead("V5 ü", 1)], recording.Leads);
        Assert.Equal(
            (360.5, "uV", 200, -1024, "MIT/100"),
            (recording.SamplingFrequency, recording.Unit, recording.Gain, recording.AdcZero, recording.ExternalId));
        Assert.Equal<int[]>([[int.MinValue, int.MaxValue, 0], [7]], outcome.Samples);
    }

    [Fact]
    public async Task Optional_member_that_is_null_is_treated_as_absent()
    {
        var outcome = await Outcome.Read(
            $$"""
            {{{Date}},"samplingFrequency":null,"unit":null,"gain":null,"adcZero":null,"externalId":null,
            "leads":[{"name":"I","signal":[1],"samples":null}]}
            """);
        Assert.Null(outcome.Rejection);
        Assert.Equal((null, null, null, null, null),
            (outcome.Recording!.SamplingFrequency, outcome.Recording.Unit, outcome.Recording.Gain, outcome.Recording.AdcZero,
                outcome.Recording.ExternalId));
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("\"ecg\"", "")]
    [InlineData($$"""{"patient":1,{{Date}},"leads":[{{Lead}}]}""", "/patient")]
    [InlineData($$"""{{{Date}},"leads":[{"name":"I","signal":[1],"colour":"red"}]}""", "/leads/0/colour")]
    [InlineData($$"""{"a/b~c":1,{{Date}},"leads":[{{Lead}}]}""", "/a~1b~0c")]
    [InlineData($$"""{"id":"x",{{Date}},"leads":[{{Lead}}]}""", "/id")]
    [InlineData($$"""{{{Date}},"leads":[{"id":1,"name":"I","signal":[1]}]}""", "/leads/0/id")]
    [InlineData($$"""{{{Date}},{{Date}},"leads":[{{Lead}}]}""", "/date")]
    [InlineData($$"""{{{Date}},"leads":[{{Lead}}],"l\u0065ads":[]}""", "/leads")]
    [InlineData($$"""{{{Date}},"leads":[{"name":"I","signal":[1],"name":"II"}]}""", "/leads/0/name")]
    [InlineData($$"""{{{Date}},"leads":[{"name":"I","signal":[1],"signal":[2]}]}""", "/leads/0/signal")]
    [InlineData($$"""{{{Date}}}""", "/leads")]
    [InlineData($$"""{{{Date}},"leads":[]}""", "/leads")]
    [InlineData($$"""{{{Date}},"leads":null}""", "/leads")]
    [InlineData("{" + Date + ",\"leads\":{}}", "/leads")]
    [InlineData($$"""{{{Date}},"leads":[{{Lead}},null]}""", "/leads/1")]
    [InlineData($$"""{{{Date}},"leads":[[]]}""", "/leads/0")]
    public async Task Unknown_repeated_or_missing_member_is_rejected_with_its_pointer(string body, string pointer) =>
        await AssertRejected(body, pointer);

    [Theory]
    [InlineData("\"name\":\"I\"", "/leads/0/signal")]
    [InlineData("\"name\":\"I\",\"signal\":[]", "/leads/0/signal")]
    [InlineData("\"name\":\"I\",\"signal\":[ ]", "/leads/0/signal")]
    [InlineData("\"name\":\"I\",\"signal\":null", "/leads/0/signal")]
    [InlineData("\"name\":\"I\",\"signal\":\"1,2\"", "/leads/0/signal")]
    [InlineData("\"name\":\"I\",\"signal\":{}", "/leads/0/signal")]
    [InlineData("\"name\":\"I\",\"samples\":3,\"signal\":[1,2]", "/leads/0/samples")]
    [InlineData("\"name\":\"I\",\"signal\":[1,2],\"samples\":1", "/leads/0/samples")]
    [InlineData("\"name\":\"I\",\"signal\":[1,2],\"samples\":2.5", "/leads/0/samples")]
    [InlineData("\"name\":\"I\",\"signal\":[1,2],\"samples\":2e0", "/leads/0/samples")]
    [InlineData("\"name\":\"I\",\"signal\":[1,2],\"samples\":\"2\"", "/leads/0/samples")]
    [InlineData("\"name\":\"I\",\"signal\":[1,2],\"samples\":4294967298", "/leads/0/samples")]
    [InlineData("\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":null,\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":1,\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":\"\",\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":\" I\",\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":\"I\\u00a0\",\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":\"I\\n\",\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":\"a\\u0085b\",\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":\"abcdefghijklmnopqrstuvwxyz1234567\",\"signal\":[1]", "/leads/0/name")]
    [InlineData("\"name\":\"\\udc00\",\"signal\":[1]", "/leads/0/name")]
    public async Task Invalid_lead_is_rejected_with_its_pointer(string lead, string pointer) =>
        await AssertRejected($"{{{Date},\"leads\":[{{{lead}}}]}}", pointer);

    [Theory]
    [InlineData("1e2")]
    [InlineData("1E0")]
    [InlineData("NaN")]
    [InlineData("-Infinity")]
    [InlineData("2147483648")]
    [InlineData("-2147483649")]
    [InlineData("99999999999999999999999999")]
    [InlineData("01")]
    [InlineData("-01")]
    [InlineData("+1")]
    [InlineData("-")]
    [InlineData("0x10")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[3]")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData(",3")]
    [InlineData("/**/3")]
    public async Task Sample_that_is_not_an_int32_is_rejected_with_its_pointer_and_byte(string sample)
    {
        var before = $"{{{Date},\"leads\":[{Lead},{{\"name\":\"II\",\"signal\":[1,2,";
        var rejection = await AssertRejected($"{before}{sample}]}}]}}", "/leads/1/signal/2");
        var position = int.Parse(rejection.Message.Split(' ', ':')[2], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(position, before.Length, before.Length + sample.Length);
    }

    /// <summary>Tests every integer with every ending, for all ways to split the body.</summary>
    [Fact]
    public async Task Integer_may_have_a_fraction_of_zeros_and_no_other_ending()
    {
        string[] integers = ["0", "-0", "1", "-3", "10", "2147483647", "-2147483648"];
        string[] zeros = ["", ".0", ".00", $".{new string('0', 100)}"];
        string[] others =
        [
            ".", ".5", ".01", ".10", ".00000000001", "e0", "E1", "e-1", ".0e0", ".0E+1", ".0.0", ".0-", ".-0", ".+0", ".0x", ". 0",
        ];
        var signal = string.Join(',', integers.SelectMany(integer => zeros.Select(end => $"{integer}{end}")));
        var lead = $"{{\"name\":\"I\",\"samples\":28.00,\"signal\":[{signal}]}}";
        var whole = Encoding.UTF8.GetBytes($"{{{Date},\"adcZero\":-7.0,\"leads\":[{lead}]}}");
        var expected = integers.SelectMany(integer => zeros.Select(_ => int.Parse(integer, CultureInfo.InvariantCulture))).ToArray();
        foreach (var arrival in Ways(whole))
        {
            var outcome = await Outcome.Read(arrival);
            Assert.Null(outcome.Rejection);
            Assert.Equal(-7, outcome.Recording!.AdcZero);
            Assert.Equal(expected, outcome.Samples[0]);
        }

        foreach (var number in integers.SelectMany(integer => others.Select(end => $"{integer}{end}")))
        {
            var body = Encoding.UTF8.GetBytes($"{{{Date},\"leads\":[{{\"name\":\"I\",\"signal\":[1,{number},2]}}]}}");
            foreach (var arrival in Ways(body))
            {
                var rejection = (await Outcome.Read(arrival)).Rejection;
                Assert.Equal((UploadRejection.Invalid, "/leads/0/signal/1"), (rejection?.Rejection, rejection?.Pointer));
            }
        }
    }

    [Theory]
    [InlineData("+01:00", "+0100")]
    [InlineData("-11:30", "-1130")]
    [InlineData("+00:00", "+0000")]
    [InlineData("Z", "-0000")]
    [InlineData("+14:00", "+1400")]
    public async Task Offset_may_be_written_without_a_colon(string usual, string without)
    {
        foreach (var local in new[] { "1850-01-02T00:00", "2026-11-23T10:15:30", "2026-11-23T10:15:30.123456789", "9999-12-30T23:59:59" })
        {
            var expected = (await Outcome.Read($"{{\"leads\":[{Lead}],\"date\":\"{local}{usual}\"}}")).Recording!.Date;
            Assert.Equal(expected, (await Outcome.Read($"{{\"leads\":[{Lead}],\"date\":\"{local}{without}\"}}")).Recording!.Date);
        }
    }

    [Fact]
    public async Task Byte_order_mark_is_skipped_and_part_of_the_hash()
    {
        byte[] body = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Right)];
        foreach (var arrival in Ways(body))
        {
            var outcome = await Outcome.Read(arrival);
            Assert.Null(outcome.Rejection);
            Assert.Equal(SHA256.HashData(body), outcome.Recording!.BodySha256);
        }

        var broken = (await Outcome.Read(Arrival.Whole([.. Encoding.UTF8.Preamble, .. "{\"gain\":1,}"u8]))).Rejection!;
        Assert.StartsWith("At byte 13: ", broken.Message, StringComparison.Ordinal);
        for (var length = 0; length <= 3; length++)
        {
            foreach (var arrival in Ways(body[..length]))
            {
                Assert.Equal(UploadRejection.Invalid, (await Outcome.Read(arrival)).Rejection?.Rejection);
            }
        }
    }

    [Theory]
    [InlineData("[1 2]", 1)]
    [InlineData("[1;2]", 0)]
    [InlineData("[1,2,]", 2)]
    [InlineData("[,]", 0)]
    public async Task Signal_with_missing_or_extra_commas_is_rejected_with_its_pointer(string signal, int index) =>
        await AssertRejected($"{{{Date},\"leads\":[{{\"name\":\"I\",\"signal\":{signal}}}]}}", $"/leads/0/signal/{index}");

    [Theory]
    [InlineData("null")]
    [InlineData("1763889300")]
    [InlineData("\"\"")]
    [InlineData("\"2026-11-23\"")]
    [InlineData("\"2026-11-23T10:15:00\"")]
    [InlineData("\"2026-11-23 10:15:00Z\"")]
    [InlineData("\"23.11.2026 10:15:00 +01:00\"")]
    [InlineData("\"2026-11-23T10:15:00+01\"")]
    [InlineData("\"2026-11-23T10:15:00+100\"")]
    [InlineData("\"2026-11-23T10:15:00+01:0\"")]
    [InlineData("\"2026-11-23T10:15:00+15:00\"")]
    [InlineData("\"2026-11-23T10:15:00+1500\"")]
    [InlineData("\"2026-11-23T10:15:00+0160\"")]
    [InlineData("\"2026-11-23T24:00:00Z\"")]
    [InlineData("\"2026-02-29T10:15:00Z\"")]
    [InlineData("\"2026-11-23T10:15:00.Z\"")]
    [InlineData("\"2026-11-23T10:15:00Z \"")]
    [InlineData("\"1849-12-31T23:59:59Z\"")]
    [InlineData("\"1850-01-01T00:00:00+00:01\"")]
    [InlineData("\"0001-01-01T00:00:00+01:00\"")]
    [InlineData("\"9999-12-31T23:59:59-01:00\"")]
    [InlineData("\"9999-12-31T23:59:59-0001\"")]
    [InlineData("\"9999-12-31T23:59:59.99999999Z\"")]
    [InlineData("\"10000-01-01T00:00:00Z\"")]
    public async Task Invalid_date_is_rejected_with_its_pointer(string date) =>
        await AssertRejected($"{{\"leads\":[{Lead}],\"date\":{date}}}", "/date");

    [Fact]
    public async Task Date_is_required() => await AssertRejected($"{{\"leads\":[{Lead}]}}", "/date");

    [Theory]
    [InlineData("2026-11-23T10:15Z", "2026-11-23T10:15:00.0000000+00:00")]
    [InlineData("2026-11-23T10:15:30-00:00", "2026-11-23T10:15:30.0000000+00:00")]
    [InlineData("2026-11-23T10:15:30.123456789+05:30", "2026-11-23T10:15:30.1234568+05:30")]
    [InlineData("1850-01-01T00:00:00Z", "1850-01-01T00:00:00.0000000+00:00")]
    [InlineData("2026-11-23T10:15:30.5-1130", "2026-11-23T10:15:30.5000000-11:30")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999+00:00")]
    [InlineData("9999-12-31T23:59:59+14:00", "9999-12-31T23:59:59.0000000+14:00")]
    [InlineData("9999-12-31T09:59:59-1400", "9999-12-31T09:59:59.0000000-14:00")]
    public async Task Date_and_offset_are_read(string date, string expected) =>
        Assert.Equal(expected, $"{(await Outcome.Read($"{{\"leads\":[{Lead}],\"date\":\"{date}\"}}")).Recording!.Date:O}");

    [Theory]
    [InlineData("samplingFrequency", "0")]
    [InlineData("samplingFrequency", "-500")]
    [InlineData("samplingFrequency", "1e400")]
    [InlineData("samplingFrequency", "1000001")]
    [InlineData("samplingFrequency", "\"500\"")]
    [InlineData("gain", "0")]
    [InlineData("gain", "1e-400")]
    [InlineData("gain", "[]")]
    [InlineData("adcZero", "1024.5")]
    [InlineData("adcZero", "1024.0e0")]
    [InlineData("adcZero", "2147483648.0")]
    [InlineData("adcZero", "2147483648")]
    [InlineData("adcZero", "false")]
    [InlineData("unit", "\"\"")]
    [InlineData("unit", "\"12345678901234567\"")]
    [InlineData("unit", "\"m\\tV\"")]
    [InlineData("unit", "5")]
    [InlineData("externalId", "\"\"")]
    [InlineData("externalId", "\"\\u0000\"")]
    [InlineData("externalId", "\"\\ud800x\"")]
    [InlineData("externalId", "{}")]
    public async Task Optional_member_with_an_invalid_value_is_rejected_with_its_pointer(string member, string value) =>
        await AssertRejected($"{{{Date},\"{member}\":{value},\"leads\":[{Lead}]}}", $"/{member}");

    [Fact]
    public async Task Texts_have_maximum_lengths()
    {
        Assert.Null((await Outcome.Read(WithTexts(name: 32, externalId: 128, unit: 16))).Rejection);
        await AssertRejected(WithTexts(name: 33, externalId: 128, unit: 16), "/leads/0/name");
        await AssertRejected(WithTexts(name: 32, externalId: 129, unit: 16), "/externalId");
        await AssertRejected(WithTexts(name: 32, externalId: 128, unit: 17), "/unit");

        static string WithTexts(int name, int externalId, int unit) =>
            $"{{{Date},\"unit\":\"{new string('u', unit)}\",\"externalId\":\"{new string('e', externalId)}\","
            + $"\"leads\":[{{\"name\":\"{new string('n', name)}\",\"signal\":[1]}}]}}";
    }

    [Fact]
    public async Task At_most_64_leads_are_accepted()
    {
        Assert.Equal(64, (await Outcome.Read(WithLeads(64))).Recording!.Leads.Count);
        await AssertRejected(WithLeads(65), "/leads/64");

        static string WithLeads(int count)
        {
            var leads = Enumerable.Range(0, count).Select(number => $"{{\"name\":\"{number}\",\"signal\":[{number}]}}");
            return $"{{{Date},\"leads\":[{string.Join(',', leads)}]}}";
        }
    }

    [Theory]
    [InlineData("[{0},{0}]", "/leads/1/name")]
    [InlineData("[{0},{{\"signal\":[1],\"name\":\"\\u0049\"}}]", "/leads/1/name")]
    public async Task Repeated_lead_name_is_rejected(string leads, string pointer) =>
        await AssertRejected($"{{{Date},\"leads\":{string.Format(null, leads, Lead)}}}", pointer);

    [Theory]
    [InlineData("", 0)]
    [InlineData("   ", 3)]
    [InlineData("\ufeff", 3)]
    [InlineData("\ufeff\ufeff{}", 3)]
    [InlineData(" \ufeff{}", 1)]
    [InlineData("{'date':1}", 1)]
    [InlineData("{\"date\":nope}", 8)]
    [InlineData("{\"date\" 1}", 8)]
    [InlineData("{/**/}", 1)]
    [InlineData("{\"gain\":1,}", 10)]
    [InlineData("{\"gain\":01}", 8)]
    [InlineData("{\"gain\":1]", 9)]
    [InlineData("{\"unit\":\"a\u0001\"}", 8)]
    [InlineData("{\"unit\":\"\\x\"}", 8)]
    [InlineData(Right + "{}", 74)]
    [InlineData(Right + ",", 74)]
    public async Task Malformed_json_is_rejected_with_its_byte(string body, int position)
    {
        var rejection = (await Outcome.Read(body)).Rejection!;
        Assert.Equal((UploadRejection.Invalid, null), (rejection.Rejection, rejection.Pointer));
        Assert.StartsWith($"At byte {position}: ", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_rejected()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes($"{{{Date},\"unit\":\""), 0xC3, 0x28, .. "\"}"u8];
        Assert.Equal("/unit", (await Outcome.Read(Arrival.Whole(body))).Rejection?.Pointer);
        body = [.. "{\""u8, 0xFF, .. "\":1}"u8];
        Assert.Equal("", (await Outcome.Read(Arrival.Whole(body))).Rejection?.Pointer);
    }

    [Fact]
    public async Task Body_truncated_at_any_byte_is_rejected()
    {
        var body = Encoding.UTF8.GetBytes(
            $$"""{ "gain": 1.5, "unit": null, "leads": [ {{Lead}} , {"name":"\u0049I","signal":[-1, 0],"samples": 2} ], {{Date}} }""");
        for (var length = 0; length < body.Length; length++)
        {
            // Pieces of seven bytes: Utf8JsonReader has a defect with a truncated literal at the boundary of two buffers.
            foreach (var arrival in new[] { Arrival.Whole(body[..length]), Arrival.InSegments(body[..length], () => 7),
                Arrival.InReads(body[..length], () => 1) })
            {
                var rejection = (await Outcome.Read(arrival)).Rejection!;
                Assert.Equal((UploadRejection.Invalid, null), (rejection.Rejection, rejection.Pointer));
                Assert.StartsWith("At byte ", rejection.Message, StringComparison.Ordinal);
            }
        }

        Assert.Null((await Outcome.Read(Arrival.InReads(body, () => 1))).Rejection);
    }

    [Theory]
    [InlineData("[01]", "a number has no leading zeros")]
    [InlineData("[-]", "a digit is expected after the minus")]
    [InlineData("[0.5]", "samples are integers: only zeros may follow the decimal point")]
    [InlineData("[7.]", "a digit is expected after the decimal point")]
    [InlineData("[1e2]", "samples are integers without an exponent")]
    [InlineData("[3000000000]", "the number is outside int32 (-2147483648 to 2147483647)")]
    [InlineData("[NaN]", "an integer is expected")]
    [InlineData("[1;2]", "a comma or the end of the array is expected")]
    public async Task Message_for_an_invalid_sample_names_the_error(string signal, string word)
    {
        var rejection = (await Outcome.Read($"{{{Date},\"leads\":[{{\"name\":\"I\",\"signal\":{signal}}}]}}")).Rejection!;
        Assert.EndsWith($": {word}.", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_message_is_short_for_a_long_body()
    {
        var rejection = (await Outcome.Read($"{{\"gain\":nul{new string('x', 50_000)}")).Rejection!;
        Assert.InRange(rejection.Message.Length, 1, 300);
        rejection = (await Outcome.Read($"{{\"{new string('x', 50_000)}\":1")).Rejection!;
        Assert.InRange(rejection.Message.Length + rejection.Pointer!.Length, 1, 300);
    }

    [Theory]
    [InlineData("[1,2,3]", null)]
    [InlineData("[1,2,3,4]", UploadRejection.TooLarge)]
    [InlineData("[1,2,3,4,", UploadRejection.TooLarge)]
    [InlineData("[1,2,3 ,4x", UploadRejection.Invalid)]
    [InlineData("[1,2,3,x", UploadRejection.Invalid)]
    public async Task Samples_of_one_lead_are_limited(string signal, object? rejection)
    {
        var body = Encoding.UTF8.GetBytes($"{{{Date},\"leads\":[{{\"name\":\"I\",\"signal\":{signal}}}]}}");
        await Verdict(body, rejection, new UploadLimits(MaxSamples: 3, MaxBodyBytes: 1000));
    }

    [Theory, InlineData(5, null), InlineData(4, UploadRejection.TooLarge), InlineData(3, UploadRejection.TooLarge),
        InlineData(2, UploadRejection.TooLarge)]
    public async Task Samples_of_all_leads_are_limited_together(int maxSamples, object? rejection)
    {
        var body = Encoding.UTF8.GetBytes($"{{{Date},\"leads\":[{Lead},{{\"name\":\"II\",\"signal\":[3, 4 ,5]}}]}}");
        await Verdict(body, rejection, new UploadLimits(maxSamples, MaxBodyBytes: 1000));
    }

    [Fact]
    public async Task Bytes_of_the_body_are_limited()
    {
        var body = Encoding.UTF8.GetBytes(Right + "  ");
        await Verdict(body, null, new UploadLimits(100, body.Length));
        await Verdict(body, UploadRejection.TooLarge, new UploadLimits(100, body.Length - 1));
    }

    /// <summary>The bytes between the ends of two tokens are buffered, so they have the same limit for every split of the body.</summary>
    /// <param name="other">The number of these bytes besides the filling.</param>
    [Theory]
    [InlineData("{\"gain\":1.", '0', "", 2)]
    [InlineData("{\"gain\":1,", ' ', "\"unit\":null", 8)]
    [InlineData("{\"gain\"", '\t', ":1", 7)]
    [InlineData("{\"gain\":1", '\r', "", 8)]
    [InlineData("", '\n', "{\"gain\":1", 1)]
    public async Task Token_longer_than_64_KiB_is_rejected(string before, char filling, string after, int other)
    {
        await Verdict(Body(MaxToken - other), null);
        await Verdict(Body(MaxToken - other + 1), UploadRejection.Invalid);

        byte[] Body(int length) => Encoding.UTF8.GetBytes($"{before}{new string(filling, length)}{after},{Date},\"leads\":[{Lead}]}}");
    }

    [Fact]
    public async Task White_space_in_a_signal_has_no_limit()
    {
        var blanks = new string(' ', 3 * MaxToken);
        await Verdict(Encoding.UTF8.GetBytes($"{{{Date},\"leads\":[{{\"name\":\"I\",\"signal\":[{blanks}1{blanks},2{blanks}]}}]}}"), null);
        await Verdict(Encoding.UTF8.GetBytes(Right + new string(' ', MaxToken)), null);
        await Verdict(Encoding.UTF8.GetBytes(Right + new string(' ', MaxToken + 1)), UploadRejection.Invalid);
    }

    [Fact]
    public async Task Encoded_blocks_beyond_the_budget_end_the_upload_and_are_returned()
    {
        var budget = new SignalBudget(10, share: 10).ForCaller("");
        var samples = string.Join(',', Enumerable.Range(0, 10_000).Select(sample => sample * sample % 10_007));
        using (var encoder = new SignalEncoder(budget, new SignalCodec()))
        {
            var body = Arrival.Whole(Encoding.UTF8.GetBytes($"{{{Date},\"leads\":[{Lead},{{\"name\":\"II\",\"signal\":[{samples}]}}]}}"));
            await Assert.ThrowsAsync<SignalBudgetException>(() => new UploadReader(encoder, Outcome.Limits)
                .Read(body, TestContext.Current.CancellationToken));
        }

        budget.Take(10);
    }

    private static async Task<UploadException> AssertRejected(string body, string pointer)
    {
        var rejection = (await Outcome.Read(body)).Rejection;
        Assert.NotNull(rejection);
        Assert.Equal((UploadRejection.Invalid, pointer), (rejection.Rejection, rejection.Pointer));
        return rejection;
    }

    private static IEnumerable<PipeReader> Ways(byte[] body) =>
    [
        Arrival.Whole(body), Arrival.InSegments(body, () => 1), Arrival.InSegments(body, () => 7), Arrival.InReads(body, () => 1),
        Arrival.InReads(body, () => 5),
    ];

    private static async Task Verdict(byte[] body, object? rejection, UploadLimits? limits = null)
    {
        foreach (var arrival in new[]
        {
            Arrival.Whole(body), Arrival.InSegments(body, () => 7), Arrival.InReads(body, () => int.MaxValue, bufferSize: 4096),
            Arrival.InReads(body, () => 1 + (body.Length / 100), bufferSize: 4096),
        })
        {
            Assert.Equal(rejection, (await Outcome.Read(arrival, limits)).Rejection?.Rejection);
        }
    }
}
