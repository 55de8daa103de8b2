using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Parking;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Host.Tests.Messaging;

public sealed class ParkingTests(BreakableHost breakable) : IClassFixture<BreakableHost>
{
    private const string Queue = "users-record-activation";

    [Fact]
    public async Task A_parked_message_is_due_after_10_s_1_min_5_min_and_15_min_and_then_only_by_an_operator()
    {
        await using var source = NpgsqlDataSource.Create(breakable.Settings.ConnectionString("users", maxPoolSize: 1));
        var parking = new Parking<AnyDb>(new ModuleDatabase<AnyDb>("users", source, source, source));
        var id = Guid.CreateVersion7();
        foreach (var (attempt, seconds) in new double?[] { 10, 60, 300, 900, null }.Index())
        {
            var before = await Now();
            await parking.Park(new { }, id, Queue, new InvalidOperationException(), TestContext.Current.CancellationToken);
            var after = await Now();

            Assert.Equal(attempt + 1, await breakable.Host.Query<int>("select attempts from users.parked where message_id = $1", id));
            var due = await breakable.Host.Query<object>("select next_attempt_at from users.parked where message_id = $1", id);
            if (seconds is { } wait)
            {
                Assert.InRange((DateTime)due, before.AddSeconds(wait), after.AddSeconds(wait));
            }
            else
            {
                Assert.IsType<DBNull>(due);
            }
        }

        await parking.Remove(id, Queue, TestContext.Current.CancellationToken);
    }

    private Task<DateTime> Now() => breakable.Host.Query<DateTime>("select clock_timestamp()");

    private sealed class AnyDb(DbContextOptions<AnyDb> options) : DbContext(options);
}
