using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Application.Accesses;

namespace Idoven.Ecgs.Tests.Api.Accesses;

/// <summary>Tests the arguments of the verb and its output formats.</summary>
public sealed class AccessesVerbTests
{
    private static readonly EcgAccess Row = new()
    {
        Id = Guid.Parse("01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f"),
        At = new DateTimeOffset(2026, 11, 23, 9, 15, 0, TimeSpan.Zero),
        Action = AccessActions.ReadSignal,
        Outcome = AccessOutcomes.Allowed,
        Count = 3,
        Subject = "a, \"quoted\" one",
        Address = IPAddress.Parse("192.0.2.7"),
    };

    [Fact]
    public void Each_argument_sets_its_filter()
    {
        var (ecg, session) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        var filter = AccessesVerb.Read(
            [
                $"ecg={ecg}", "owner=client:a", "subject=client:b", "client=b", $"session={session}", "from=2026-11-23T10:00:00+01:00",
                    "to=2026-11-23T10:00Z",
                "format=json",
            ],
            out var format);

        var nine = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
        Assert.Equal(new AccessFilter(ecg, "client:a", "client:b", "b", session, nine, nine.AddHours(1)), filter);
        Assert.Equal("json", format);
        Assert.Equal(new AccessFilter(), AccessesVerb.Read([], out format));
        Assert.Equal("csv", format);
    }

    [Theory]
    [InlineData("ecg=1")]
    [InlineData("session=none")]
    [InlineData("from=yesterday")]
    [InlineData("from=2026-11-23T10:00:00")]
    [InlineData("to=2026-11-23")]
    [InlineData("format=xml")]
    [InlineData("subject=")]
    [InlineData("subject")]
    [InlineData("ecgs=1")]
    [InlineData("subject=a", "subject=b")]
    public async Task Invalid_arguments_print_the_usage_and_export_nothing(params string[] words)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        Assert.Equal(64, await new AccessesVerb(new OneRow()).Run(words, output, errors, TestContext.Current.CancellationToken));
        Assert.Empty(output.ToString());
        Assert.StartsWith("accesses ", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_has_a_header_and_quotes_fields_by_RFC_4180() => Assert.Equal(
        "id,at,action,outcome,count,subject,clientId,sessionId,ecgId,ownerId,address,traceId\n"
            + "01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f,2026-11-23T09:15:00.0000000+00:00,ecg.read_signal,allowed,3,\"a, \"\"quoted\"\" "
            + "one\",,,,,192.0.2.7,\n",
        await Print());

    [Fact]
    public async Task Json_has_one_object_per_line_with_the_names_of_the_csv_header()
    {
        var line = Assert.Single((await Print("format=json")).Split('\n', StringSplitOptions.RemoveEmptyEntries));

        var row = JsonElement.Parse(line);
        Assert.Equal((await Print()).Split('\n')[0].Split(','), row.EnumerateObject().Select(member => member.Name));
        Assert.Equal((Row.Subject, 3, "192.0.2.7"),
            (row.GetProperty("subject").GetString(), row.GetProperty("count").GetInt32(), row.GetProperty("address").GetString()));
    }

    private static async Task<string> Print(params string[] words)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await new AccessesVerb(new OneRow()).Run(words, output, TextWriter.Null, TestContext.Current.CancellationToken));
        return output.ToString();
    }

    private sealed class OneRow : IAccesses
    {
        public Task<IReadOnlyList<EcgAccess>> List(Guid ecgId, string ownerId, Guid? before, int limit, CancellationToken ct) =>
            throw new NotSupportedException();

        public async IAsyncEnumerable<EcgAccess> Export(AccessFilter filter, [EnumeratorCancellation] CancellationToken ct)
        {
            await Task.CompletedTask;
            yield return Row;
        }
    }
}
