using System.Text;
using System.Text.Json;
using Idoven.Ecgs.Api.Download;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Tests.Api.Download;

public sealed class SignalFormatTests
{
    private static readonly int[][] Blocks = [[0, -1], [int.MaxValue], [], [int.MinValue, 42]];

    [Fact]
    public async Task Json_has_the_lead_the_first_sample_number_and_the_samples()
    {
        Assert.Equal(
            """{"lead":"V1","from":10,"signal":[0,-1,2147483647,-2147483648,42]}""", await Text(SignalFormat.Json, "V1", 10, Blocks));
        using var document = JsonDocument.Parse(await Text(SignalFormat.Json, "a\"\\ü\u2713", 0, [[1]]));
        Assert.Equal("a\"\\ü\u2713", document.RootElement.GetProperty("lead").GetString());
    }

    [Fact]
    public async Task Csv_has_the_number_of_each_sample() =>
        Assert.Equal("sample,value\n10,0\n11,-1\n12,2147483647\n13,-2147483648\n14,42\n", await Text(SignalFormat.Csv, "V1", 10, Blocks));

    [Fact]
    public async Task Binary_is_int32_little_endian() =>
        Assert.Equal(
            "00000000ffffffffffffff7f000000802a000000", Convert.ToHexStringLower(await Bytes(SignalFormat.Binary, "V1", 10, Blocks)));

    [Fact]
    public async Task Large_blocks_are_written_completely()
    {
        int[][] blocks = [[.. Enumerable.Range(-32_768, 65_536)], [.. Enumerable.Range(0, 1000)]];
        using var document = JsonDocument.Parse(await Text(SignalFormat.Json, "I", 0, blocks));
        Assert.Equal(blocks.SelectMany(block => block), document.RootElement.GetProperty("signal").EnumerateArray()
            .Select(sample => sample.GetInt32()));
    }

    private static async Task<string> Text(string format, string lead, int from, int[][] blocks) =>
        Encoding.UTF8.GetString(await Bytes(format, lead, from, blocks));

    private static async Task<byte[]> Bytes(string format, string lead, int from, int[][] blocks)
    {
        using var output = new MemoryStream();
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services, Response = { Body = output } };
        await StreamedResponse.Write(context, format, SignalFormat.Length(format, blocks.Sum(block => block.Length)), response =>
            SignalFormat.Write(format, lead, from, blocks.Select(block => (ReadOnlyMemory<int>)block).ToAsyncEnumerable(), response));
        Assert.Equal(
            (format, format == SignalFormat.Binary ? output.Length : null), (context.Response.ContentType, context.Response.ContentLength));
        return output.ToArray();
    }
}
