using System.Net.Sockets;
using Npgsql;

namespace Idoven.Shared.Persistence;

/// <summary>Tells a database that cannot be reached now from a statement that is wrong.</summary>
public static class DatabaseAway
{
    private const string AdminShutdownClass = "57P";

    public static bool Is(Exception? exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case PostgresException refused:
                    return refused.SqlState.StartsWith(AdminShutdownClass, StringComparison.Ordinal) || refused.SqlState.StartsWith("08", StringComparison.Ordinal);
                case NpgsqlException or SocketException:
                    return true;
            }
        }

        return false;
    }
}
