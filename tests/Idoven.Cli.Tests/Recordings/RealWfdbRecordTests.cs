using System.Globalization;
using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;
using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Cli.Tests.Recordings;

/// <summary>Tests with real records. Reading also verifies each record by the initial values and checksums in its header.</summary>
public sealed class RealWfdbRecordTests
{
    [Fact]
    public void Record_100_is_read_completely()
    {
        var recording = Read("mitdb/100.hea");
        Assert.Equal(["MLII", "V5"], recording.Leads.Select(lead => lead.Name));
        Assert.Equal([995, 995, 995, 995, 995, 995, 995, 995, 1000, 997, 995, 994], recording.Leads[0].Samples[..12]);
        Assert.Equal([1011, 1011, 1011, 1011, 1011, 1011, 1011, 1011, 1008, 1008, 1007, 1007], recording.Leads[1].Samples[..12]);
        Assert.Equal([889, 871, 768], recording.Leads[0].Samples[^3..]);
        Assert.All(recording.Leads, lead => Assert.Equal(650_000, lead.Samples.Length));
        Assert.Equal((360.0, 200.0, "mV"), (recording.SamplingFrequency, recording.Gain, recording.Unit));
        Assert.Equal((1024, "100"), (recording.AdcZero, recording.ExternalId));
    }

    [Fact]
    public void Zero_crossings_of_every_MIT_BIH_lead_match_the_reference()
    {
        var known = File.ReadLines(RealEcgs.Path("zero-crossings/mitdb-expected.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        Assert.True(known.Count > 20, "the file of expected values has too few records");
        foreach (var record in known.GroupBy(row => row[0]))
        {
            var recording = Read($"mitdb/{record.Key}.hea");
            foreach (var row in record)
            {
                var counter = new ZeroCrossingCounter(recording.AdcZero!.Value);
                counter.Add(recording.Leads.Single(lead => lead.Name == row[1]).Samples);
                Assert.Equal(
                    row[4..8].Select(cell => long.Parse(cell, CultureInfo.InvariantCulture)),
                    [counter.Total, counter.Rising, counter.Falling, counter.LevelSamples]);
            }
        }
    }

    [Fact]
    public void Record_with_twelve_leads_of_format_16_is_read()
    {
        var recording = Read("ludb/1.hea");
        Assert.Equal(
            ["i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6"], recording.Leads.Select(lead => lead.Name));
        Assert.Equal([-120, -43, 35], recording.Leads[0].Samples[..3]);
        Assert.Equal([-12, -14], recording.Leads[6].Samples[^2..]);
        Assert.Equal((null, 0, 500.0), (recording.Gain, recording.AdcZero, recording.SamplingFrequency));
    }

    [Fact]
    public void Mat_file_is_read_as_format_16_with_an_offset()
    {
        var twelve = Read("cinc2021/HR06000.hea");
        Assert.Equal([-20, -20, -20, -20], twelve.Leads[1].Samples[..4]);
        Assert.Equal([605, 605], twelve.Leads[11].Samples[^2..]);

        var strip = Read("cinc2017/A00001.hea");
        Assert.Equal(9_000, strip.Leads[0].Samples.Length);
        Assert.Equal([-127, -162, -197], strip.Leads[0].Samples[..3]);
        Assert.Equal(new DateTimeOffset(2014, 5, 8, 5, 5, 15, TimeSpan.Zero), strip.Date);
    }

    [Fact]
    public void Header_that_contradicts_its_signal_is_rejected()
    {
        var path = RealEcgs.Path("cinc2017/A00013.hea");
        var rejected = Assert.Throws<BadFileException>(() => WfdbRecord.Read(path, TimeProvider.System));
        Assert.Equal($"{path}:2: The first sample must be 3, but A00013.mat has -20.", rejected.Message);
    }

    [Fact]
    public void Every_binary_format_is_read()
    {
        var leads = Read("formats/wfdb/binformats.hea").Leads;
        Assert.Equal(["8", "16", "61", "80", "160", "212", "310", "311", "24", "32"], leads.Select(lead => lead.Name.Split(' ')[^1]));
        Assert.All(leads, lead => Assert.Equal(499, lead.Samples.Length));
        Assert.Equal([-2047, -1920, -1793], leads[0].Samples[..3]);
        Assert.Equal([-32766, -32242, -31718, -31194], leads[1].Samples[..4]);
    }

    [Fact]
    public void Odd_number_of_samples_in_format_212_is_read() =>
        Assert.Equal([995, 1011, 995], Read("formats/wfdb/100_3chan.hea").Leads.Select(lead => lead.Samples[0]));

    [Fact]
    public void Signals_with_a_lower_sampling_frequency_are_omitted_with_a_note()
    {
        var recording = Read("formats/wfdb/03700181.hea");
        var ecg = Assert.Single(recording.Leads);
        Assert.Equal(("MCL1", 300_000, 500.0), (ecg.Name, ecg.Samples.Length, recording.SamplingFrequency));
        Assert.Equal([67, 67, 67, 23, 23, 23], ecg.Samples[..6]);
        Assert.Equal([396, 396, 418], ecg.Samples[^3..]);
        Assert.Contains("omitted because of a lower sampling frequency: ABP, RESP", recording.Notes);
        Assert.Equal((2963.77, "mV"), (recording.Gain, recording.Unit));
    }

    [Fact]
    public void Segments_are_joined()
    {
        var recording = Read("formats/wfdb/041s.hea");
        Assert.Equal(["III", "I", "V"], recording.Leads.Select(lead => lead.Name));
        var third = recording.Leads[0].Samples;
        Assert.Equal(8_000, third.Length);
        Assert.Equal([168, 168, 166, 164, 158], third[..5]);
        Assert.Equal([-108, -106, -104, -103, -102, -101, -100, -98], third[3997..4005]);
        Assert.Equal([-32, -34, -36], third[^3..]);
        Assert.Equal(new DateTimeOffset(1994, 10, 26, 8, 26, 4, TimeSpan.Zero), recording.Date);
    }

    private static Recording Read(string record) => WfdbRecord.Read(RealEcgs.Path(record), TimeProvider.System);
}
