using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Idoven.Shared.Audit;

public static class AuditModel
{
    internal const string Table = "audit";
    private const string CountedAs = "CountedAs";

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
        row.Property(r => r.Count).HasDefaultValue(1);
        row.Property<string?>(CountedAs);
        row.HasIndex(r => new { r.Subject, r.Id });
        row.HasIndex(r => new { r.Target, r.Id });
        row.HasIndex(CountedAs).IsUnique().HasFilter("counted_as is not null");
    });

    /// <summary>Maps the tables of the seals into the module's own schema.</summary>
    public static void AddAuditSeals(this ModelBuilder model)
    {
        model.Entity<AuditSeal>(seal =>
        {
            seal.ToTable("audit_seals");
            seal.HasKey(s => s.Number);
            seal.Property(s => s.Number).ValueGeneratedNever();
            seal.Property(s => s.KeyId).HasMaxLength(64);
        });
        model.Entity<UnsealedRow>(row =>
        {
            row.ToTable("audit_unsealed");
            row.HasKey(r => r.Id);
            row.Property(r => r.Id).ValueGeneratedNever();
        });
        model.Entity<SealKeyRow>(key =>
        {
            key.ToTable("audit_seal_keys");
            key.HasKey(k => k.Id);
            key.Property(k => k.Id).HasMaxLength(64);
        });
    }

    /// <summary>
    /// Returns SQL for a migration of a module, after the table was created. The running role can only insert rows; it loses all other
    /// rights, here and at each migration. Old rows are removed by a function of the owning role, which removes no row younger than 30
    /// days, whatever its argument is. This SQL has run at every installation: a change needs a new migration.
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

    /// <summary>
    /// Returns SQL for a migration of a module, after the tables of the seals were created.
    /// <para>
    /// A trigger sets the time of each row that the running role inserts, and the id that begins with it. It also marks the row as waiting
    /// for its seal. A function of the owning role counts rejected requests without a token: the first one of a minute inserts a row, the
    /// next ones raise its count until it is sealed, after its minute. The lock on the waiting row decides between the two. Seals and their
    /// keys are only inserted. A function of the owning role removes seals whose rows were removed by age, except the last of them: the
    /// remaining chain begins with an old seal, or with the first one.
    /// </para>
    /// </summary>
    public static void SealAudit(this MigrationBuilder migration, string schema) => migration.Sql($"""
        create function {schema}.record_audit() returns trigger language plpgsql set search_path = pg_catalog as
        $$ begin
          if not pg_has_role(session_user, '{schema}_owner', 'member') then
            new.at := clock_timestamp();
            new.id := (lpad(to_hex(floor(extract(epoch from new.at) * 1000)::bigint), 12, '0')
              || substr(replace(new.id::text, '-', ''), 13))::uuid;
          end if;
          return new;
        end $$;
        create trigger record before insert on {schema}.audit for each row execute function {schema}.record_audit();
        create function {schema}.await_audit_seal() returns trigger language plpgsql set search_path = pg_catalog as
        $$ begin
          insert into {schema}.audit_unsealed (id, due_at)
          values (
            new.id,
            case when new.counted_as is null then clock_timestamp() else date_trunc('minute', new.at) + interval '1 minute' end);
          return null;
        end $$;
        create trigger await_seal after insert on {schema}.audit for each row execute function {schema}.await_audit_seal();

        create function {schema}.count_refusal(
            row_id uuid, row_action text, row_reason text, row_client text, row_target text, row_session uuid, row_address inet,
            row_trace text)
        returns void language plpgsql security definer set search_path = pg_catalog as
        $$ declare
          network inet := case when family(row_address) = 6 then network(set_masklen(row_address, 64)) else row_address end;
          key text;
          counted uuid;
        begin
          loop
            key := concat_ws(
              ' ', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD HH24:MI'), row_action, row_reason,
              coalesce(row_client, '-'), coalesce(row_target, '-'), coalesce(row_session::text, '-'), coalesce(network::text, '-'));
            select id into counted from {schema}.audit where counted_as = key;
            if found then
              perform from {schema}.audit_unsealed where id = counted for update;
              if found then
                update {schema}.audit set count = count + 1 where id = counted;
                return;
              end if;

              -- The row is sealed, so its minute has ended, or the clock was set back.
              key := null;
            end if;
            insert into {schema}.audit
              (id, at, action, outcome, reason, client_id, target, session_id, address, trace_id, counted_as)
            values (
              row_id, clock_timestamp(), row_action, '{AuditRow.Refused}', row_reason, row_client, row_target, row_session,
              row_address, row_trace, key)
            on conflict (counted_as) where counted_as is not null do nothing;
            if found then
              return;
            end if;
          end loop;
        end $$;

        create function {schema}.keep_audit_seals() returns trigger language plpgsql as
        $$ begin raise exception '{schema}.% only grows', tg_table_name using errcode = 'insufficient_privilege'; end $$;
        create trigger keep before update or delete or truncate on {schema}.audit_seals for each statement
        when (not pg_has_role(current_user, '{schema}_owner', 'member')) execute function {schema}.keep_audit_seals();
        create trigger keep before update or delete or truncate on {schema}.audit_seal_keys for each statement
        when (not pg_has_role(current_user, '{schema}_owner', 'member')) execute function {schema}.keep_audit_seals();
        create function {schema}.prune_audit_seals(keep_days int, batch int) returns bigint
        language sql security definer set search_path = pg_catalog as $$
          with old as (
            select max(number) as last from {schema}.audit_seals
            where at < now() - make_interval(days => greatest(keep_days, 30) + 1)),
          gone as (
            delete from {schema}.audit_seals where number in (
              select number from {schema}.audit_seals s
              where number < (select last from old) and not exists (select from {schema}.audit where id = any(s.ids))
              order by number limit batch)
            returning 1)
          select count(*) from gone
        $$;

        insert into {schema}.audit_unsealed (id, due_at) select id, now() from {schema}.audit;
        """);

    public static void UnsealAudit(this MigrationBuilder migration, string schema) => migration.Sql($"""
        drop trigger record on {schema}.audit;
        drop trigger await_seal on {schema}.audit;
        drop function {schema}.record_audit(), {schema}.await_audit_seal(), {schema}.prune_audit_seals(int, int),
          {schema}.keep_audit_seals(), {schema}.count_refusal(uuid, text, text, text, text, uuid, inet, text);
        """);

    public static void ForgetAudit(this MigrationBuilder migration, string schema) =>
        migration.Sql($"drop function {schema}.prune_audit(int, int); drop function {schema}.keep_audit() cascade");
}
