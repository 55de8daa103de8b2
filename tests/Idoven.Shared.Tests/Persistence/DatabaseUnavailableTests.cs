using System.Net.Sockets;
using System.Reflection;
using Idoven.Shared.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Tests.Persistence;

public sealed class DatabaseUnavailableTests
{
    private static readonly string[] Transient = ["57014", "55P03", "53200", "40001", "40P01", "25P03"];

    /// <summary>Gets every SQLSTATE that Npgsql knows, whether it means that the database is unavailable, and whether it is transient.</summary>
    public static TheoryData<string, bool, bool> Codes
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach (var code in AllCodes)
            {
                var isTransient = Transient.Contains(code);
                data.Add(code, !isTransient && (code == "25006" || code[..2] is "08" or "53" or "58" || code[..3] == "57P"), isTransient);
            }

            return data;
        }
    }

    /// <summary>Gets Npgsql's constants, and one code that is not among them.</summary>
    public static IReadOnlyList<string> AllCodes { get; } =
    [
        "25P03",
        .. typeof(PostgresErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral && field.FieldType == typeof(string))
            .Select(field => (string)field.GetRawConstantValue()!)
            .Distinct(),
    ];

    [Fact]
    public void Table_contains_codes_of_every_class()
    {
        Assert.True(AllCodes.Count > 200, $"{AllCodes.Count} codes");
        Assert.Empty(Transient.Concat(["08006", "25006", "53100", "53300", "57P01", "58030"]).Except(AllCodes));
    }

    [Theory, MemberData(nameof(Codes))]
    public void Each_sqlstate_is_classified(string code, bool isUnavailable, bool isTransient)
    {
        var inner = new DbUpdateException("", Rejected(code));
        Assert.All(
            new Exception[] { Rejected(code), inner, new InvalidOperationException("", inner) },
            exception => Assert.Equal((isUnavailable, isTransient), (DatabaseUnavailable.Is(exception), DatabaseUnavailable.IsTransient(exception))));
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
        Action[] uses = [() => connection.BeginBinaryImport("copy"), () => connection.BeginTransaction(), () => new NpgsqlCommand("select 1", connection).ExecuteNonQuery()];
        Assert.All(uses, use => Assert.True(DatabaseUnavailable.Is(Assert.Throws<InvalidOperationException>(use))));
    }

    [Fact]
    public void Other_exceptions_say_nothing_about_the_database() =>
        Assert.All(
            new Exception?[] { null, new TimeoutException(), new IOException(), new InvalidOperationException("", new InvalidDataException()) },
            exception => Assert.Equal((false, false), (DatabaseUnavailable.Is(exception), DatabaseUnavailable.IsTransient(exception))));

    private static PostgresException Rejected(string state) => new("", "ERROR", "ERROR", state);
}
