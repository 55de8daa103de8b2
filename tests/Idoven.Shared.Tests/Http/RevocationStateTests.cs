using Idoven.Shared.Web.Revocation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Idoven.Shared.Tests.Http;

/// <summary>Tests when a host knows enough revoked tokens to be ready.</summary>
public sealed class RevocationStateTests
{
    private readonly ManualClock clock = new();
    private readonly RevocationState state;

    public RevocationStateTests() => state = new RevocationState(clock);

    [Fact]
    public void Host_that_never_read_the_table_is_never_ready()
    {
        clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(HealthStatus.Unhealthy, state.Check().Status);
    }

    [Fact]
    public void A_host_is_ready_when_its_queue_is_caught_up()
    {
        state.Read();
        Assert.Equal(HealthStatus.Unhealthy, state.Check().Status);

        state.CatchUp();

        Assert.Equal(HealthStatus.Healthy, state.Check().Status);
    }

    [Fact]
    public void A_host_without_the_broker_is_ready_when_every_token_issued_before_its_start_has_expired()
    {
        clock.Advance(TimeSpan.FromMinutes(61) - TimeSpan.FromSeconds(1));
        state.Read();
        Assert.Equal(HealthStatus.Unhealthy, state.Check().Status);

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HealthStatus.Degraded, state.Check().Status);
        state.CatchUp();
        Assert.Equal(HealthStatus.Healthy, state.Check().Status);
    }

    [Fact]
    public void Old_readings_degrade_a_host_that_was_ready_and_do_not_make_it_unready()
    {
        state.Read();
        state.CatchUp();
        clock.Advance(RevocationState.MaxAge);
        Assert.Equal(HealthStatus.Healthy, state.Check().Status);

        clock.Advance(TimeSpan.FromSeconds(1));
        var late = state.Check();

        Assert.Equal(HealthStatus.Degraded, late.Status);
        Assert.Contains("6 s ago", late.Description, StringComparison.Ordinal);
        state.Read();
        Assert.Equal(HealthStatus.Healthy, state.Check().Status);
    }
}
