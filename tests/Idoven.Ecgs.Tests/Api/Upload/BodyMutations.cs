using System.Text;
using System.Text.RegularExpressions;

namespace Idoven.Ecgs.Tests.Api.Upload;

/// <summary>Bodies that are right, and what can happen to them: bytes lost and flipped, tokens swapped, doubled and exchanged.</summary>
internal sealed partial class BodyMutations(int seed)
{
    private static readonly string[] Right =
    [
        """{"date":"2026-11-23T10:15:00+01:00","leads":[{"name":"I","signal":[12,-3,0]}]}""",
        """
        { "leads" : [ { "signal" : [ -2147483648 , 2147483647, -0 ], "samples": 3, "name": "MLII" },
                      { "name": "V5", "signal": [1], "samples": null } ],
          "samplingFrequency": 360.0, "unit": "uV", "gain": 200, "adcZero": 1024, "externalId": "MIT/100", "date": "1989-05-01T00:00Z" }
        """,
        "\ufeff" + """{"leads":[{"name":"II","samples":2.0,"signal":[1.0,-3.00]}],"date":"9999-12-31T23:59:59+0100","adcZero":0.0}""",
        """{"d\u0061te":"2000-02-29T23:59:59.999999999-11:30","adcZero":-1,"gain":2e-1,"unit":null,"leads":["""
            + """{"name":"aVR ü✓","signal":[0,0,7]},{"name":"\u03bc~/","signal":[5],"samples":1}]}""" + "\r\n\t ",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1.0", "-3.00", "-0.0", "1.05", "1.0e0", "1e2", "1E+2", "1.5e3", "3",
        "2147483647", "2147483648", "-2147483648", "-2147483649", "99999999999999999999", "1e400", "-1e400", "1e-400",
    ];

    private static readonly string[] Names =
    [
        "\"id\"", "\"date\"", "\"name\"", "\"signal\"", "\"samples\"", "\"leads\"", "\"unit\"", "\"gain\"", "\"adcZero\"", "\"DATE\"",
            "\"a/b~c\"", "\"\\ud800\"", "\"le\\u0061ds\"",
    ];

    private static readonly string[] Values =
    [
        .. Numbers, "null", "true", "{}", "[]", "[1]", "[[1]]", "[null]", "{\"name\":\"II\",\"signal\":[4]}", "\"\"", "\" \"", "\"I\"",
            "\" I\"", "\"NaN\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"2026-11-23\"", "\"2026-11-23T10:15:00\"", "\"2026-11-23T10:15:00Z\"", "\"2026-11-23T10:15:00+14:01\"",
        "\"2026-11-23T10:15:00+0100\"", "\"2026-11-23T10:15:00-1130\"", "\"2026-11-23T10:15:00+01\"", "\"9999-12-31T23:59:59Z\"",
        "\"9999-12-31T23:59:59-00:01\"", "\"1849-12-31T23:59:59Z\"", "\"2026-02-30T00:00:00Z\"",
    ];

    private static readonly string[] Rubbish =
    [
        "{", "}", "[", "]", ",", ":", "01", "-", "+1", ".5", "1.", "NaN", "Infinity", "\"\\x\"", "\"", "/**/", "//", "#", "'", "\u00a0",
            "\ufeff",
    ];

    private static readonly byte[][] Bytes = [[0xFF], [0xC3], [0xE2, 0x9C], [0xEF, 0xBB, 0xBF], [0], [0x1F], [0x7F], [0xC0, 0x80]];

    private readonly Random random = new(seed);

    public byte[] Next()
    {
        var body = Encoding.UTF8.GetBytes(Pick(Right));
        for (var left = 1 + (random.Next(3) / 2) + (random.Next(3) / 2); left > 0; left--)
        {
            body = Mutate(body);
        }

        return body;
    }

    private byte[] Mutate(byte[] body)
    {
        var at = random.Next(body.Length + 1);
        var to = Math.Min(body.Length, at + random.Next(1, 12));
        switch (random.Next(12))
        {
            case 0 when at < body.Length:
                body = [.. body];
                body[at] ^= (byte)(1 << random.Next(8));
                return body;
            case 1:
                return body[..at];
            case 2:
                return [.. body[..at], .. body[to..]];
            case 3:
                return [.. body[..to], .. body[at..]];
            case 4:
                return [.. body[..at], .. Pick(Bytes), .. body[at..]];
            case 5:
                return [.. body[..at], .. Encoding.UTF8.GetBytes(Pick(Rubbish)), .. body[at..]];
            case 6:
                var deep = random.Next(1, 100);
                return [.. body[..at], .. Enumerable.Repeat((byte)'[', deep),
                    .. Enumerable.Repeat((byte)']', random.Next(3) == 0 ? deep - 1 : deep), .. body[at..]];
            default:
                return MutateTokens(Encoding.UTF8.GetString(body));
        }
    }

    private byte[] MutateTokens(string body)
    {
        var tokens = Token().Matches(body).Select(match => match.Value).ToList();
        if (tokens.Count > 0)
        {
            var (one, other) = (random.Next(tokens.Count), random.Next(tokens.Count));
            switch (random.Next(12))
            {
                case 0:
                    (tokens[one], tokens[other]) = (tokens[other], tokens[one]);
                    break;
                case 1:
                    tokens[one] = Pick(Rubbish);
                    break;
                case 2:
                    tokens.RemoveAt(one);
                    break;
                case 3:
                    // From one token to another once more: often a member or a lead that then stands twice.
                    tokens.InsertRange(Math.Max(one, other), tokens.GetRange(Math.Min(one, other), Math.Abs(one - other)));
                    break;
                case 4:
                    Exchange(tokens, IsName, name => $"{Pick(Names)}:{Pick(Values)},{name}");
                    break;
                case 5:
                    Exchange(tokens, IsName, _ => Pick(Names));
                    break;
                case 6:
                    Exchange(tokens, IsNumber, _ => Pick(Numbers));
                    break;
                case 7:
                    Exchange(tokens, IsNumber, _ => $"{random.Next(int.MinValue, int.MaxValue)}");
                    break;
                case 8:
                    tokens.Insert(one, " \r\n\t"[..random.Next(1, 5)]);
                    break;
                case 9:
                    Exchange(tokens, (all, place) => all[place] == "[", bracket => $"{bracket}{random.Next(-9, 9)},");
                    break;
                default:
                    Exchange(tokens, (all, place) => !IsName(all, place) && (IsNumber(all, place) || all[place][0] is '"' or 'n'),
                        _ => Pick(Values));
                    break;
            }
        }

        return Encoding.UTF8.GetBytes(string.Concat(tokens));
    }

    private void Exchange(List<string> tokens, Func<List<string>, int, bool> which, Func<string, string> with)
    {
        var places = Enumerable.Range(0, tokens.Count).Where(place => which(tokens, place)).ToArray();
        if (places.Length > 0)
        {
            var place = Pick(places);
            tokens[place] = with(tokens[place]);
        }
    }

    private static bool IsName(List<string> tokens, int place) =>
        tokens[place][0] == '"' && tokens.Skip(place + 1).FirstOrDefault(token => !string.IsNullOrWhiteSpace(token)) == ":";

    private static bool IsNumber(List<string> tokens, int place) => tokens[place][0] is '-' or (>= '0' and <= '9');

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];

    [GeneratedRegex("""\s+|"(?:\\.|[^"\\])*"|-?[0-9][0-9.eE+-]*|[a-z]+|.""", RegexOptions.Singleline)]
    private static partial Regex Token();
}
