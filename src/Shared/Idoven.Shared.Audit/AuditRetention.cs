using System.Globalization;
using Idoven.Shared.Data.Jobs;

namespace Idoven.Shared.Audit;

/// <summary>Removes old rows with a function of the owning role: the running role cannot delete.</summary>
internal sealed record AuditRetention<TDb>(int KeepDays) : RetentionRule<TDb>(AuditModel.Table, "id", "")
{
    public override string Removal(string schema, int batch) =>
        string.Create(CultureInfo.InvariantCulture, $"select {schema}.prune_audit({KeepDays}, {batch})");
}
