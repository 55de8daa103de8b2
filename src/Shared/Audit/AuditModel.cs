using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Idoven.Shared.Audit;

public static class AuditModel
{
    internal const string Table = "audit";

    /// <summary>Maps the table into the module's own schema.</summary>
    public static void AddAudit(this ModelBuilder model) => model.Entity<AuditRow>(row =>
    {
        row.ToTable(Table, table =>
        {
            table.HasCheckConstraint("ck_audit_outcome", $"outcome in ('{AuditRow.Success}', '{AuditRow.Refused}')");
            table.HasCheckConstraint("ck_audit_codes", "action ~ '^[a-z0-9_.-]+$' and reason ~ '^[a-z0-9_.-]+$'");
        });
        row.HasKey(r => r.Id);
        row.Property(r => r.Id).ValueGeneratedNever();
        row.Property(r => r.Action).HasMaxLength(60);
        row.Property(r => r.Outcome).HasMaxLength(10);
        row.Property(r => r.Reason).HasMaxLength(60);
        row.Property(r => r.Subject).HasMaxLength(200);
        row.Property(r => r.ClientId).HasMaxLength(200);
        row.Property(r => r.Target).HasMaxLength(200);
        row.Property(r => r.TraceId).HasMaxLength(32);
        row.HasIndex(r => new { r.Subject, r.Id });
        row.HasIndex(r => new { r.Target, r.Id });
    });

    /// <summary>
    /// For a module's migration, after the table. What is on record stays: the running role only adds to it, and loses all other rights, here and
    /// at each migration. Old rows leave through a function of the owner's that takes nothing younger than 30 days, whatever it is told.
    /// What is said here has run at every installation: a change needs a migration of its own.
    /// </summary>
    public static void KeepAudit(this MigrationBuilder migration, string schema) => migration.Sql($"""
        create function {schema}.keep_audit() returns trigger language plpgsql as
        $$ begin raise exception '{schema}.audit only grows' using errcode = 'insufficient_privilege'; end $$;
        create trigger keep before update or delete or truncate on {schema}.audit for each statement
        when (not pg_has_role(current_user, '{schema}_owner', 'member')) execute function {schema}.keep_audit();
        create function {schema}.prune_audit(keep_days int, batch int) returns bigint
        language sql security definer set search_path = pg_catalog as $$
          with bound as (select now() - make_interval(days => greatest(keep_days, 30)) as at),
          gone as (
            delete from {schema}.audit where id in (
              select id from {schema}.audit
              where id < (select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid from bound)
                and at < (select at from bound)
              order by id limit batch)
            returning 1)
          select count(*) from gone
        $$;
        """);

    public static void ForgetAudit(this MigrationBuilder migration, string schema) =>
        migration.Sql($"drop function {schema}.prune_audit(int, int); drop function {schema}.keep_audit() cascade");
}
