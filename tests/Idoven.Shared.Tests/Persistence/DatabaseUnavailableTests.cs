using System.Net.Sockets;
using System.Reflection;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Tests.Persistence;

public sealed class DatabaseUnavailableTests
{
    [Fact]
    public void Table_contains_codes_of_every_class()
    {
        Assert.True(SqlStates.AllCodes.Count > 200, $"{SqlStates.AllCodes.Count} codes");
        Assert.Empty(SqlStates.Transient.Concat(["08006", "25006", "53100", "53300", "57P01", "58030"]).Except(SqlStates.AllCodes));
    }

    [Theory, MemberData(nameof(SqlStates.Codes), MemberType = typeof(SqlStates))]
    public void Each_sqlstate_is_classified(string code, bool isUnavailable, bool isTransient)
    {
        var inner = new DbUpdateException("", Rejected(code));
        Assert.All(
            new Exception[] { Rejected(code), inner, new InvalidOperationException("", inner) },
            exception => Assert.Equal(
                (isUnavailable, isTransient), (DatabaseUnavailable.Is(exception), DatabaseUnavailable.IsTransient(exception))));
    }

    [Fact]
    public void Lost_connections_and_timeouts_of_npgsql_mean_that_the_database_is_unavailable() =>
        Assert.All(
            new Exception[]
            {
                new NpgsqlException(), new SocketException(111), new NpgsqlException("", new TimeoutException()),
                new NpgsqlException("", new IOException()), new DbUpdateException("", new NpgsqlException()),
            },
            exception => Assert.True(DatabaseUnavailable.Is(exception)));

    [Fact]
    public void A_connection_that_broke_unseen_means_that_the_database_is_unavailable()
    {
        using var connection = new NpgsqlConnection();
        Action[] uses = [() => connection.BeginBinaryImport(
            "copy"), () => connection.BeginTransaction(), () => new NpgsqlCommand("select 1", connection).ExecuteNonQuery()];
        Assert.All(uses, use => Assert.True(DatabaseUnavailable.Is(Assert.Throws<InvalidOperationException>(use))));
    }

    [Fact]
    public void Other_exceptions_say_nothing_about_the_database() =>
        Assert.All(
            new Exception?[] { null, new TimeoutException(), new IOException(), new InvalidOperationException(
                "", new InvalidDataException()) },
            exception => Assert.Equal((false, false), (DatabaseUnavailable.Is(exception), DatabaseUnavailable.IsTransient(exception))));

    private static PostgresException Rejected(string state) => new("", "ERROR", "ERROR", state);
}
