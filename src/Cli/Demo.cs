using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Idoven.Cli.Recordings;

namespace Idoven.Cli;

/// <summary>The main job seen from outside, step by step: what a client and a subscriber do.</summary>
/// <param name="output">The result: the table and the event, or the raw document alone.</param>
/// <param name="errors">Progress goes here where <paramref name="output"/> is for a program.</param>
internal sealed class Demo(DemoOptions options, TextWriter output, TextWriter errors, TimeProvider clock)
{
    // For the eye: '+' stays '+'.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int MostPlotted = 12;

    private readonly TextWriter progress = options.IsJson ? errors : output;

    /// <exception cref="CliException">A step failed; the message says which and what helps.</exception>
    public async Task Run(CancellationToken ct)
    {
        var upload = options.File is { } path ? RecordingFile.Open(path, options.Csv, clock) : SyntheticRecording.Make(clock);
        Say("recording", upload.Description);
        foreach (var note in upload.Notes)
        {
            Say("", note);
        }

        using var http = new HttpClient { BaseAddress = options.Url, Timeout = Timeout.InfiniteTimeSpan };
        var service = new ServiceClient(http, clock);
        await using var subscriber = await Listen(ct);

        var lifetime = await Within(service.SignIn(options.Credentials, ct), "no token");
        Say("token", $"for {options.Credentials}, good for {lifetime.TotalMinutes:0} min");

        var started = clock.GetTimestamp();
        var uploaded = await service.Upload(upload, ct);
        var uploadTime = clock.GetElapsedTime(started);
        Say("upload", $"{(int)uploaded.Code} {uploaded.Ecg.Status} after {Seconds(uploadTime)}: {uploaded.Length:N0} bytes of JSON, sent with gzip; {uploaded.Location}");
        Compare(uploaded);

        var insights = await Within(service.WaitForInsights(uploaded.Location, ct), $"{uploaded.Location} is stored, but has no insights");
        var insightTime = clock.GetElapsedTime(started);
        Say("insights", $"there after {Seconds(insightTime)}");
        await Print(insights);
        await Plot(service, uploaded, ct);
        var times = $"upload {Seconds(uploadTime)}, to insights {Seconds(insightTime)}";
        if (subscriber is not null)
        {
            var received = await Within(subscriber.WaitFor(uploaded.Ecg.Id, ct), "insights, but no event");
            var eventTime = clock.GetElapsedTime(started, received.At);
            Say("event", $"{received.RoutingKey}, {received.ContentType}, after {Seconds(eventTime)}");
            await progress.WriteLineAsync(Indent(received.Body));
            times += $", to event {Seconds(eventTime)}";
        }

        Say("times", times);
    }

    private async Task<EventSubscriber?> Listen(CancellationToken ct)
    {
        if (options.Amqp is null)
        {
            Say("events", "nobody listens: no --amqp was given");
            return null;
        }

        var subscriber = await EventSubscriber.Listen(options.Amqp, clock, ct);
        Say("events", $"listening to {EventSubscriber.Exchange} as {subscriber.Queue}");
        return subscriber;
    }

    private void Compare(Uploaded uploaded)
    {
        if (uploaded.Ecg.Sha256 != uploaded.Sha256)
        {
            throw new CliException($"the service stored a body with SHA-256 {uploaded.Ecg.Sha256}; {uploaded.Sha256} was sent.");
        }

        Say("sha-256", $"the service read what was sent: {uploaded.Sha256}");
    }

    private async Task Print(byte[] insights)
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

    /// <summary>Ten seconds with the beats that were found, as any client can draw them.</summary>
    private async Task Plot(ServiceClient service, Uploaded uploaded, CancellationToken ct)
    {
        if (options.Plot is not { } path || await service.Beats(uploaded.Location, ct) is not { } found)
        {
            return;
        }

        var first = EcgPlot.Begin(found.Beats, found.SamplingFrequency, uploaded.Ecg.Leads.Max(lead => lead.Samples));
        var end = first + (int)(EcgPlot.Seconds * found.SamplingFrequency);
        var leads = new List<PlottedLead>();
        foreach (var lead in uploaded.Ecg.Leads.Where(lead => lead.Samples > first).Take(MostPlotted))
        {
            leads.Add(new PlottedLead(lead.Name, await service.Signal(uploaded.Location, lead.Name, first, Math.Min(end, lead.Samples), ct)));
        }

        try
        {
            await File.WriteAllTextAsync(path, EcgPlot.Draw($"{uploaded.Ecg.Id}: beats N, S and V", leads, first, found.SamplingFrequency, found.Beats), ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the plot cannot be written: {e.Message}");
        }

        Say("plot", FormattableString.Invariant($"ten seconds from {first / found.SamplingFrequency:0.#} s on, with their beats: {path}"));
    }

    private async Task<T> Within<T>(Task<T> step, string otherwise)
    {
        try
        {
            return await step.WaitAsync(options.Timeout, clock);
        }
        catch (TimeoutException)
        {
            throw new CliException($"{otherwise} within {Seconds(options.Timeout)} (--timeout); ./idoven logs may say why.");
        }
    }

    private void Say(string step, string what) => progress.WriteLine($"{step,-10} {what}");

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.00} s";

    private static string Indent(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, Indented);
    }
}
