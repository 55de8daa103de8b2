using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Cli.Tests.Recordings;

public sealed class RecordingFileTests : IDisposable
{
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task Json_file_is_sent_unchanged()
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
    public void Wfdb_record_opens_by_header_name_or_signal_file(string name)
    {
        files.Write("r.hea", "r 1 360 1\nr.dat 16\n");
        files.Write("r.dat", 7, 0);
        Assert.Equal([7], Assert.IsType<Recording>(Open(files.Path(name))).Leads[0].Samples);
    }

    [Theory]
    [InlineData("gone.json", "The file does not exist.")]
    [InlineData("gone.csv", "The file does not exist.")]
    [InlineData("nowhere/gone.hea", "The file does not exist.")]
    [InlineData("r.edf", "Unknown format. Supported are WFDB records (.hea, or the record's name), .csv and .json files.")]
    public void Missing_or_unknown_file_is_reported_with_its_path(string name, string message) =>
        Assert.Equal(
            $"{files.Path(name)}: {message}", Assert.Throws<BadFileException>(() => Open(files.Path(name))).Message);

    [Fact]
    public void Csv_options_are_rejected_for_other_formats() =>
        Assert.Throws<UsageException>(
            () => RecordingFile.Open(files.Write("r.json", "{}"), new CsvOptions(Scale: 2), new FakeTimeProvider()));

    private static IUpload Open(string path) => RecordingFile.Open(path, new CsvOptions(), new FakeTimeProvider());
}
