using Idoven.Cli.Recordings;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Cli.Tests.Recordings;

public sealed class RecordingFileTests : IDisposable
{
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task A_json_file_is_sent_as_it_is()
    {
        var body = "{ \"leads\" : [],\n \"é\": 1.50 }"u8.ToArray();
        var upload = Open(files.Write("r.JSON", body));
        using var sent = new MemoryStream();
        Assert.Equal(body.Length, await upload.Write(sent, default));
        Assert.Equal(body, sent.ToArray());
    }

    [Theory]
    [InlineData("r.hea")]
    [InlineData("r")]
    [InlineData("r.dat")]
    public void A_WFDB_record_goes_by_its_header_its_name_or_its_signal(string name)
    {
        files.Write("r.hea", "r 1 360 1\nr.dat 16\n");
        files.Write("r.dat", 7, 0);
        Assert.Equal([7], Assert.IsType<Recording>(Open(files.Path(name))).Leads[0].Samples);
    }

    [Theory]
    [InlineData("gone.json", "there is no such file.")]
    [InlineData("gone.csv", "there is no such file.")]
    [InlineData("nowhere/gone.hea", "there is no such file.")]
    [InlineData("r.edf", "not a recording that this reads: a WFDB record (.hea, or its name), a .csv or a .json file.")]
    public void What_cannot_be_read_is_said(string name, string message) =>
        Assert.Equal($"{files.Path(name)}: {message}", Assert.Throws<BadFileException>(() => Open(files.Path(name))).Message);

    [Fact]
    public void Options_for_CSV_go_with_CSV() =>
        Assert.Throws<UsageException>(() => RecordingFile.Open(files.Write("r.json", "{}"), new CsvOptions(Scale: 2), new FakeTimeProvider()));

    private static IUpload Open(string path) => RecordingFile.Open(path, new CsvOptions(), new FakeTimeProvider());
}
