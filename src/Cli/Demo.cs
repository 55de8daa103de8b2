using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;

namespace Idoven.Cli;

/// <summary>Runs the main use case as a client and as a subscriber, and reports each step.</summary>
/// <param name="output">Receives the table and the event, or only the raw insight document.</param>
/// <param name="errors">Receives the progress if <paramref name="output"/> receives only the document.</param>
internal sealed class Demo(DemoOptions options, TextWriter output, TextWriter errors, TimeProvider clock)
{
    // The relaxed encoder prints '+' as it is. The output is not used in HTML.
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int MaxPlottedLeads = 12;

    private readonly TextWriter progress = options.IsJson ? errors : output;

    /// <summary>Runs all steps.</summary>
    /// <exception cref="CliException">A step failed; the message says which one and what helps.</exception>
    public async Task Run(CancellationToken ct)
    {
        var upload = options.File is { } path ? RecordingFile.Open(path, options.Csv, clock) : SyntheticRecording.Create(clock);
        Report("recording", upload.Description);
        foreach (var note in upload.Notes)
        {
            Report("", note);
        }

        using var http = new HttpClient { BaseAddress = options.Url, Timeout = Timeout.InfiniteTimeSpan };
        var service = new ServiceClient(http, clock);
        await using var subscriber = await Subscribe(ct);

        var lifetime = await Within(service.SignIn(options.Credentials, ct), "There was no token");
        Report("token", $"for {options.Credentials}, expires in {lifetime.TotalMinutes:0} min");

        var started = clock.GetTimestamp();
        var uploaded = await service.Upload(upload, ct);
        var uploadTime = clock.GetElapsedTime(started);
        Report("upload", $"{(int)uploaded.Code} {uploaded.Ecg.Status} after {Seconds(uploadTime)}: "
            + $"{uploaded.Length:N0} bytes of JSON, compressed with gzip; {uploaded.Location}");
        VerifyHash(uploaded);

        var insights = await Within(service.WaitForInsights(uploaded.Location, ct), $"{uploaded.Location} was stored, but had no insights");
        var insightTime = clock.GetElapsedTime(started);
        Report("insights", $"available after {Seconds(insightTime)}");
        await PrintInsights(insights);
        await Plot(service, uploaded, ct);
        var times = $"upload {Seconds(uploadTime)}, to insights {Seconds(insightTime)}";
        if (subscriber is not null)
        {
            var received = await Within(subscriber.WaitFor(uploaded.Ecg.Id, ct), "There were insights, but no event");
            var eventTime = clock.GetElapsedTime(started, received.At);
            Report("event", $"{received.RoutingKey}, {received.ContentType}, after {Seconds(eventTime)}");
            await progress.WriteLineAsync(Indent(received.Body));
            times += $", to event {Seconds(eventTime)}";
        }

        Report("times", times);
    }

    private async Task<EventSubscriber?> Subscribe(CancellationToken ct)
    {
        if (options.Amqp is null)
        {
            Report("events", "no subscriber, because --amqp was not given");
            return null;
        }

        var subscriber = await EventSubscriber.Connect(options.Amqp, clock, ct);
        Report("events", $"subscribed to {EventSubscriber.Exchange} with the queue {subscriber.Queue}");
        return subscriber;
    }

    private void VerifyHash(Uploaded uploaded)
    {
        if (uploaded.Ecg.Sha256 != uploaded.Sha256)
        {
            throw new CliException($"The service stored a body with SHA-256 {uploaded.Ecg.Sha256}, but {uploaded.Sha256} was sent.");
        }

        Report("sha-256", $"the service received the body that was sent: {uploaded.Sha256}");
    }

    private async Task PrintInsights(byte[] insights)
    {
        if (options.IsJson)
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(insights));
            return;
        }

        using var document = JsonDocument.Parse(insights);
        await output.WriteLineAsync();
        InsightTable.Write(output, document.RootElement);
        await output.WriteLineAsync();
    }

    /// <summary>Plots ten seconds with the detected beats, from data that any client can read.</summary>
    private async Task Plot(ServiceClient service, Uploaded uploaded, CancellationToken ct)
    {
        if (options.Plot is not { } path || await service.Beats(uploaded.Location, ct) is not { } found)
        {
            return;
        }

        var first = EcgPlot.FindStart(found.Beats, found.SamplingFrequency, uploaded.Ecg.Leads.Max(lead => lead.Samples));
        var end = first + (int)(EcgPlot.Seconds * found.SamplingFrequency);
        var leads = new List<PlottedLead>();
        foreach (var lead in uploaded.Ecg.Leads.Where(lead => lead.Samples > first).Take(MaxPlottedLeads))
        {
            var samples = await service.Signal(uploaded.Location, lead.Name, first, Math.Min(end, lead.Samples), ct);
            leads.Add(new PlottedLead(lead.Name, samples));
        }

        try
        {
            var title = $"{uploaded.Ecg.Id}: beats N, S and V";
            await File.WriteAllTextAsync(path, EcgPlot.Draw(title, leads, first, found.SamplingFrequency, found.Beats), ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The plot could not be written: {e.Message}");
        }

        var start = first / found.SamplingFrequency;
        Report("plot", FormattableString.Invariant($"ten seconds from {start:0.#} s with the detected beats: {path}"));
    }

    private async Task<T> Within<T>(Task<T> step, string failure)
    {
        try
        {
            return await step.WaitAsync(options.Timeout, clock);
        }
        catch (TimeoutException)
        {
            throw new CliException($"{failure} within {Seconds(options.Timeout)} (--timeout). ./idoven logs may show why.");
        }
    }

    private void Report(string step, string text) => progress.WriteLine($"{step,-10} {text}");

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.00} s";

    private static string Indent(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, Indented);
    }
}
