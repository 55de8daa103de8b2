using System.Net.Sockets;
using Idoven.Shared.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Tests.Persistence;

public sealed class DatabaseAwayTests
{
    public static TheoryData<Exception> Away => [Refused("57P01"), Refused("57P03"), Refused("08006"), new NpgsqlException(), new SocketException(111), new DbUpdateException("", new NpgsqlException())];

    public static TheoryData<Exception> Here => [Refused("23505"), Refused("40001"), Refused("57014"), new DbUpdateException("", Refused("22001")), new TimeoutException(), new IOException()];

    [Theory, MemberData(nameof(Away))]
    public void A_database_that_cannot_be_reached_is_away(Exception exception) => Assert.True(DatabaseAway.Is(exception));

    [Theory, MemberData(nameof(Here))]
    public void A_statement_that_was_refused_is_not(Exception exception) => Assert.False(DatabaseAway.Is(exception));

    private static PostgresException Refused(string state) => new("", "ERROR", "ERROR", state);
}
