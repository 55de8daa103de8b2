using Idoven.Shared.Data;
using Idoven.Shared.Web.Revocation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Idoven.Shared.Tests.Http;

public sealed class RevocationPeriodTests
{
    /// <summary>The only wait between the commit of a revocation and the rejection of its tokens on another host.</summary>
    [Fact]
    public async Task A_host_reads_the_revocations_four_times_a_second()
    {
        var clock = new RecordingClock();

        // No server listens on this port, so each reading fails immediately.
        await using var unavailable = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=none");
        using var revocations = new Revoked<AnyDb>(
            "a-queue", new ModuleDatabase<AnyDb>("things", unavailable, unavailable, unavailable), backlog: null!, clock,
            NullLogger<Revoked<AnyDb>>.Instance);

        await revocations.StartAsync(TestContext.Current.CancellationToken);
        var period = await clock.Period.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await revocations.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromMilliseconds(250), period);
    }

    private sealed class AnyDb(DbContextOptions<AnyDb> options) : DbContext(options);

    /// <summary>Records the period of the first timer that repeats.</summary>
    private sealed class RecordingClock : TimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> period = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TimeSpan> Period => period.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan)
            {
                this.period.TrySetResult(period);
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
