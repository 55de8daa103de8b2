using System.Text.RegularExpressions;

namespace Idoven.Architecture.Tests;

/// <summary>Finds statements that PostgreSQL may execute in an unexpected way.</summary>
public sealed partial class SqlTests
{
    /// <summary>
    /// PostgreSQL may run a subquery once for each row of the other side. One with "for update skip locked" takes other rows each time, so
    /// its limit holds only in a common table expression that is materialized.
    /// </summary>
    [Fact]
    public void A_locked_batch_with_a_limit_is_materialized()
    {
        var root = Path.Combine(ProjectReferences.Root(), "src");
        var files = Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => (Name: Path.GetRelativePath(root, file), Text: File.ReadAllText(file)))
            .ToList();

        Assert.Contains(files, file => file.Text.Contains("for update skip locked", StringComparison.Ordinal));
        Assert.Empty(files.Where(file => Offends(file.Text)).Select(file => file.Name));
    }

    [Theory]
    [InlineData("delete from t where id in (\n  select id from t where x limit {Size} for update skip locked)", true)]
    [InlineData("update t set x = 1 from (select id from t order by id limit 5 for update skip locked) as due", true)]
    [InlineData("with due as (select id from t limit 5 for update skip locked) delete from t where id in (select id from due)", true)]
    [InlineData(
        "with due as materialized (\n" +
        "  select id from t where (a) in (select a from t limit 3) order by id limit 5 for update skip locked) select", false)]
    [InlineData("select * from t order by id limit 1 for update skip locked", false)]
    [InlineData("where id in (select id from t where x for update skip locked)", false)]
    public void A_locked_batch_that_is_not_materialized_is_reported(string sql, bool isFound) => Assert.Equal(isFound, Offends(sql));

    private static bool Offends(string text) =>
        Batches().Matches(text).Any(batch => !batch.Groups["before"].Value.EndsWith("materialized", StringComparison.Ordinal));

    [GeneratedRegex(@"(?<before>\w+)\s*\(\s*select\b(?:[^()]|\([^()]*\))*\blimit\b(?:[^()]|\([^()]*\))*for update skip locked")]
    private static partial Regex Batches();
}
