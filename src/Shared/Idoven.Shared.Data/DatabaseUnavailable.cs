using System.Net.Sockets;
using Npgsql;

namespace Idoven.Shared.Data;

/// <summary>
/// Classifies database errors: the database is unavailable, the statement can succeed in a moment, or the statement itself is wrong.
/// </summary>
public static class DatabaseUnavailable
{
    // Connection exceptions, insufficient resources, operator intervention (shutdown, failover), system errors (I/O).
    private static readonly string[] UnavailableClasses = ["08", "53", "57P", "58"];

    // The server ended a session that was idle in a transaction, as it does when this process was frozen.
    private const string IdleInTransactionTimeout = "25P03";

    // A reader of Npgsql hides that its connection broke while it was disposed; the next command meets this.
    private const string ClosedConnection = "Connection is not open";

    private static readonly string[] TransientCodes =
    [
        IdleInTransactionTimeout,
        PostgresErrorCodes.QueryCanceled, PostgresErrorCodes.LockNotAvailable, PostgresErrorCodes.OutOfMemory,
        PostgresErrorCodes.SerializationFailure, PostgresErrorCodes.DeadlockDetected,
    ];

    /// <summary>
    /// Returns whether no statement of this kind can succeed now, whatever its values: the database cannot be reached, has no connection
    /// left, accepts no writes, or has no space. The caller waits for it; the request or message has no fault.
    /// </summary>
    /// <remarks>SQLSTATE classes 08, 53 except 53200, 57P and 58, and 25006; lost connections; timeouts of Npgsql.</remarks>
    public static bool Is(Exception? exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case PostgresException error:
                    return IsUnavailable(error.SqlState);
                case NpgsqlException or SocketException:
                case InvalidOperationException { Source: "Npgsql", Message: ClosedConnection }:
                    return true;
            }
        }

        return false;
    }

    /// <summary>Returns whether the same statement can succeed in a moment: 57014, 55P03, 53200, 40001, 40P01, 25P03.</summary>
    public static bool IsTransient(Exception? exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is PostgresException error)
            {
                return TransientCodes.Contains(error.SqlState);
            }
        }

        return false;
    }

    private static bool IsUnavailable(string sqlState) =>
        sqlState == PostgresErrorCodes.ReadOnlySqlTransaction
        || (sqlState != PostgresErrorCodes.OutOfMemory
            && UnavailableClasses.Any(prefix => sqlState.StartsWith(prefix, StringComparison.Ordinal)));
}
