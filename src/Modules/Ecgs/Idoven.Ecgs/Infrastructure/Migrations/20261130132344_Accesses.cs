using System;
using System.Net;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Ecgs.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Accesses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "accesses",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    action = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    outcome = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    count = table.Column<int>(type: "integer", nullable: false),
                    subject = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    client_id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    session_id = table.Column<Guid>(type: "uuid", nullable: true),
                    ecg_id = table.Column<Guid>(type: "uuid", nullable: true),
                    owner_id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    address = table.Column<IPAddress>(type: "inet", nullable: true),
                    trace_id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_accesses", x => x.id);
                    table.CheckConstraint("ck_accesses_codes", "action ~ '^[a-z_.]+$' and outcome ~ '^[a-z_]+$'");
                    table.CheckConstraint("ck_accesses_count", "count > 0");
                });

            migrationBuilder.CreateIndex(
                name: "ix_accesses_owner_id_ecg_id_id",
                schema: "ecgs",
                table: "accesses",
                columns: new[] { "owner_id", "ecg_id", "id" },
                filter: "ecg_id is not null");

            // The log only grows: the running role adds to it. Functions of the owner's do the rest, whatever they are told: they raise a count and never
            // lower it, take the ECG ids out of rows of erased owners only, and remove nothing that is younger than 30 days.
            migrationBuilder.Sql(
                """
                create function ecgs.keep_accesses() returns trigger language plpgsql as
                $$ begin raise exception 'ecgs.accesses only grows' using errcode = 'insufficient_privilege'; end $$;
                create trigger keep before update or delete or truncate on ecgs.accesses for each statement
                when (not pg_has_role(current_user, 'ecgs_owner', 'member')) execute function ecgs.keep_accesses();
                create function ecgs.count_accesses(ids uuid[], counts int[]) returns void
                language sql security definer set search_path = pg_catalog as $$
                  update ecgs.accesses as access set count = counted.count
                  from unnest(ids, counts) as counted(id, count) where access.id = counted.id and access.count < counted.count
                $$;
                create function ecgs.forget_accesses(owner text, batch int) returns bigint
                language sql security definer set search_path = pg_catalog as $$
                  with forgotten as (
                    update ecgs.accesses set ecg_id = null where id in (
                      select access.id from ecgs.owners as erased join ecgs.accesses as access on access.owner_id = erased.id
                      where erased.id = owner and erased.erased_at is not null and access.ecg_id is not null
                      limit batch)
                    returning 1)
                  select count(*) from forgotten
                $$;
                create function ecgs.prune_accesses(keep_days int, batch int) returns bigint
                language sql security definer set search_path = pg_catalog as $$
                  with bound as (select now() - make_interval(days => greatest(keep_days, 30)) as at),
                  gone as (
                    delete from ecgs.accesses where id in (
                      select id from ecgs.accesses
                      where id < (select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid from bound)
                        and at < (select at from bound)
                      order by id limit batch)
                    returning 1)
                  select count(*) from gone
                $$;
                """);

            // Rows of ECGs that are gone lose the ECG's id: their owner may have been erased.
            migrationBuilder.Sql(
                """
                insert into ecgs.accesses (id, at, action, outcome, count, subject, client_id, ecg_id, owner_id, trace_id)
                select read.id, read.at, 'ecg.read_insights', 'allowed', 1, 'client:' || read.client_id, read.client_id, ecg.id, ecg.owner_id, read.trace_id
                from ecgs.insight_reads as read left join ecgs.ecgs as ecg on ecg.id = read.ecg_id;
                drop table ecgs.insight_reads;
                drop function ecgs.keep_insight_reads();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "insight_reads",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    client_id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    ecg_id = table.Column<Guid>(type: "uuid", nullable: false),
                    trace_id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_insight_reads", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_insight_reads_ecg_id",
                schema: "ecgs",
                table: "insight_reads",
                column: "ecg_id");

            migrationBuilder.Sql(
                """
                insert into ecgs.insight_reads (id, at, client_id, ecg_id, trace_id)
                select id, at, client_id, ecg_id, trace_id from ecgs.accesses
                where action = 'ecg.read_insights' and outcome = 'allowed' and ecg_id is not null and subject = 'client:' || client_id and subject <> owner_id;
                create function ecgs.keep_insight_reads() returns trigger language plpgsql as
                $$ begin raise exception 'ecgs.insight_reads only grows' using errcode = 'insufficient_privilege'; end $$;
                create trigger keep before update or delete on ecgs.insight_reads for each statement
                when (not pg_has_role(current_user, 'ecgs_owner', 'member')) execute function ecgs.keep_insight_reads();
                drop function ecgs.prune_accesses(int, int);
                drop function ecgs.forget_accesses(text, int);
                drop function ecgs.count_accesses(uuid[], int[]);
                drop function ecgs.keep_accesses() cascade;
                """);

            migrationBuilder.DropTable(
                name: "accesses",
                schema: "ecgs");
        }
    }
}
