using System.Reflection;
using Npgsql;

namespace Idoven.Shared.Tests.Persistence;

/// <summary>The SQLSTATE codes that Npgsql knows, as test data.</summary>
public static class SqlStates
{
    internal static readonly string[] Transient = ["57014", "55P03", "53200", "40001", "40P01", "25P03"];

    /// <summary>
    /// Gets every SQLSTATE that Npgsql knows, whether it means that the database is unavailable, and whether it is transient.
    /// </summary>
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
}
