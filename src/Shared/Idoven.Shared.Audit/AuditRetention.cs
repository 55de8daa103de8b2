using System.Globalization;
using Idoven.Shared.Data.Jobs;

namespace Idoven.Shared.Audit;

/// <summary>The running role may remove nothing here: a function of the owner's does, and only what is old.</summary>
internal sealed record AuditRetention<TDb>(int KeepDays) : RetentionRule<TDb>(AuditModel.Table, "id", "")
{
    public override string Removal(string schema, int batch) =>
        string.Create(CultureInfo.InvariantCulture, $"select {schema}.prune_audit({KeepDays}, {batch})");
}
