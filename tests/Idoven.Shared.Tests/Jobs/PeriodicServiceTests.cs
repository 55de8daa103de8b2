using System.Threading.Channels;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Tests.Persistence;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Shared.Tests.Jobs;

public sealed class PeriodicServiceTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider clock = new();
    private readonly List<string> log = [];

    [Fact]
    public async Task A_job_survives_every_type_of_exception()
    {
        var exceptions = new[] { typeof(object), typeof(TaskCanceledException), typeof(NpgsqlException), typeof(AlreadyClosedException) }
            .Select(type => type.Assembly)
            .Distinct()
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.IsSubclassOf(typeof(Exception)) && !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) is not null)
            .Select(type => (Exception)Activator.CreateInstance(type)!)
            .Concat(SqlStates.AllCodes.Select(code => new PostgresException("", "ERROR", "ERROR", code)))
            .ToList();
        Assert.Contains(exceptions, exception => exception is TaskCanceledException);
        Assert.Contains(exceptions, exception => exception is RabbitMQClientException);

        using var job = new Job(this, exceptions);
        await job.StartAsync(TestContext.Current.CancellationToken);
        for (var run = 0; run <= exceptions.Count; run++)
        {
            await job.Run();
            clock.Advance(Period);
        }

        Assert.False(job.ExecuteTask!.IsCompleted);
        await job.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(job.ExecuteTask.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Failures_of_a_job_are_logged_once_a_minute()
    {
        using var job = new Job(this, Enumerable.Repeat(new InvalidOperationException("broken"), 25));
        await job.StartAsync(TestContext.Current.CancellationToken);
        for (var run = 0; run < 25; run++)
        {
            await job.Run();
            clock.Advance(Period);
        }

        // 25 runs in 120 s: at 0 s, 60 s and 120 s.
        await job.Run();
        Assert.Equal(3, log.Count);
        Assert.All(log, line => Assert.Equal("Background job failed: test job. It runs again every 5 s. broken No value.", line));
        Assert.Equal(25, job.Failures);
    }

    [Fact]
    public async Task A_job_that_is_stopped_during_a_run_ends_without_a_failure()
    {
        using var job = new Job(this, [], endless: true);
        await job.StartAsync(TestContext.Current.CancellationToken);
        await job.Run();
        await job.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(job.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Empty(log);
    }

    private sealed class Job(PeriodicServiceTests test, IEnumerable<Exception> exceptions, bool endless = false)
        : PeriodicService("test job", Period, test.clock, new Lines(test.log))
    {
        private readonly Queue<Exception> exceptions = new(exceptions);
        private readonly Channel<int> runs = Channel.CreateUnbounded<int>();

        public int Failures { get; private set; }

        protected override string Effect => "No value.";

        /// <summary>Waits for the next run to end, or to begin if it never ends.</summary>
        public async Task Run() =>
            await runs.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        protected override async Task RunOnce(CancellationToken stoppingToken)
        {
            if (exceptions.TryDequeue(out var exception))
            {
                throw exception;
            }

            runs.Writer.TryWrite(0);
            if (endless)
            {
                await Task.Delay(Timeout.Infinite, stoppingToken);
            }
        }

        protected override void OnFailure()
        {
            Failures++;
            runs.Writer.TryWrite(0);
        }
    }
}
