using System.Diagnostics;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents private instances of PostgreSQL and RabbitMQ from the packages of the machine, in a folder that is removed at the end.
/// </summary>
internal sealed class NativeParts : NativeBroker, IDatabaseServer
{
    private NativeParts(string folder, IReadOnlyDictionary<string, string> started)
        : base(folder, started) => ConnectionString = started["POSTGRES"];

    public string ConnectionString { get; }

    public static async Task<NativeParts> Start(params string[] virtualHosts)
    {
        var folder = Folder();
        return new NativeParts(folder, await Script(virtualHosts, "start", folder));
    }
}

internal class NativeBroker : IBroker
{
    private readonly string folder;
    private bool isStopped;

    protected NativeBroker(string folder, IReadOnlyDictionary<string, string> started)
    {
        this.folder = folder;
        Uri = new Uri(started["AMQP"]);
        Subscriber = new Uri(started["SUBSCRIBER"]);
    }

    /// <summary>Gets the folder of data, logs and process ids, as passed to <c>./idoven parts</c>.</summary>
    public string Home => folder;

    public Uri Uri { get; }

    public Uri Subscriber { get; }

    public static async Task<NativeBroker> Start()
    {
        var folder = Folder();
        return new NativeBroker(folder, await Script("start", "--broker-only", folder));
    }

    public Task Stop() => Script("stop-broker", folder);

    Task IBroker.Start() => Script("start-broker", folder);

    public async ValueTask DisposeAsync()
    {
        if (!isStopped)
        {
            isStopped = true;
            await Script("stop", folder);
            Directory.Delete(folder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }

    protected static string Folder() => Directory.CreateTempSubdirectory("idoven-test-").FullName;

    /// <summary>Runs <c>./idoven parts ...</c>.</summary>
    /// <returns>The printed lines of the form NAME=value.</returns>
    protected static Task<IReadOnlyDictionary<string, string>> Script(params string[] arguments) => Script([], arguments);

    /// <param name="virtualHosts">The virtual hosts of a broker that starts, besides <c>/</c>.</param>
    /// <param name="arguments">The arguments of <c>./idoven parts</c>.</param>
    /// <inheritdoc cref="Script(string[])"/>
    protected static async Task<IReadOnlyDictionary<string, string>> Script(string[] virtualHosts, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "idoven"), ["parts", .. arguments])
        {
            Environment = { ["IDOVEN_VIRTUAL_HOSTS"] = string.Join(' ', virtualHosts) },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1].Trim())
            : throw new InvalidOperationException($"idoven parts {string.Join(' ', arguments)}: {await errors}");
    }
}
