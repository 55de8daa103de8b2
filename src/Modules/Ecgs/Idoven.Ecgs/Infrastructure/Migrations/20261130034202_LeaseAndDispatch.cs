using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Ecgs.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class LeaseAndDispatch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_incomplete",
                schema: "ecgs",
                table: "insight_sets",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "dispatched_at",
                schema: "ecgs",
                table: "ecgs",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_reprocessing",
                schema: "ecgs",
                table: "ecgs",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "samples",
                schema: "ecgs",
                table: "ecgs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "traceparent",
                schema: "ecgs",
                table: "ecgs",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AlterColumn<DateTimeOffset>(
                name: "next_attempt_at",
                schema: "ecgs",
                table: "ecgs",
                type: "timestamp with time zone",
                nullable: true,
                defaultValueSql: "now()",
                oldClrType: typeof(DateTimeOffset),
                oldType: "timestamp with time zone",
                oldNullable: true);

            migrationBuilder.CreateTable(
                name: "analysis_hosts",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    consumers = table.Column<int>(type: "integer", nullable: false),
                    samples_per_second = table.Column<double>(type: "double precision", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_analysis_hosts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "hosts",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_hosts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "leader",
                schema: "ecgs",
                columns: table => new
                {
                    only = table.Column<bool>(type: "boolean", nullable: false),
                    holder = table.Column<Guid>(type: "uuid", nullable: true),
                    epoch = table.Column<long>(type: "bigint", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    backend_pid = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_leader", x => x.only);
                    table.CheckConstraint("ck_leader_only", "\"only\"");
                });

            migrationBuilder.InsertData(
                schema: "ecgs",
                table: "leader",
                columns: new[] { "only", "backend_pid", "epoch", "holder", "until" },
                values: new object[] { true, null, 0L, null, new DateTimeOffset(new DateTime(1970, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)) });

            // ECGs that are queued now were submitted when they were stored.
            migrationBuilder.Sql(
                """
                update ecgs.ecgs e set
                  samples = (select coalesce(sum(l.samples), 0) from ecgs.leads l where l.ecg_id = e.id),
                  is_reprocessing = exists (select from ecgs.insight_sets s where s.ecg_id = e.id),
                  dispatched_at = e.submitted_at
                where e.status = 'queued';
                """);

            // The dispatcher takes waiting ECGs lane by lane (0: up to a million samples, 1: larger, 2 and 3: the same of a newer engine), owner by
            // owner, and of each owner what has been due for longest.
            migrationBuilder.Sql(
                """
                create index ix_ecgs_waiting on ecgs.ecgs (
                    (case when is_reprocessing then 2 else 0 end + case when samples > 1000000 then 1 else 0 end), owner_id, next_attempt_at)
                  include (samples, attempts, is_reprocessing)
                  where status = 'queued' and dispatched_at is null;
                create index ix_ecgs_dispatched on ecgs.ecgs (dispatched_at) where status = 'queued' and dispatched_at is not null;
                """);

            // Repairs the numbers of public events where concurrent deletions left holes: the counter continues after the highest number, and
            // each hole between kept numbers is filled with a copy of a deleted event under an id of its own.
            migrationBuilder.Sql(
                """
                update ecgs.event_sequence set last = greatest(last, (select coalesce(max(sequence), 0) from ecgs.outbox));
                insert into ecgs.outbox (message_id, key, type, is_public, body, created_at, sequence, sent_at, attempts)
                select gen_random_uuid(), deleted.key, deleted.type, true, deleted.body, deleted.created_at, hole.number,
                  coalesce((select min(later.sent_at) from ecgs.outbox later where later.sequence > hole.number), now()), 0
                from (select generate_series(min(sequence), max(sequence)) as number from ecgs.outbox where sequence is not null) as hole
                cross join lateral (
                  select key, type, body, created_at from ecgs.outbox
                  where type = 'Idoven.Ecgs.Contracts.EcgDeleted' order by abs(coalesce(sequence, 0) - hole.number), id limit 1) as deleted
                where not exists (select from ecgs.outbox kept where kept.sequence = hole.number);
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop index ecgs.ix_ecgs_waiting; drop index ecgs.ix_ecgs_dispatched;");

            migrationBuilder.DropTable(
                name: "analysis_hosts",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "hosts",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "leader",
                schema: "ecgs");

            migrationBuilder.DropColumn(
                name: "is_incomplete",
                schema: "ecgs",
                table: "insight_sets");

            migrationBuilder.DropColumn(
                name: "traceparent",
                schema: "ecgs",
                table: "ecgs");

            migrationBuilder.AlterColumn<DateTimeOffset>(
                name: "next_attempt_at",
                schema: "ecgs",
                table: "ecgs",
                type: "timestamp with time zone",
                nullable: true,
                oldClrType: typeof(DateTimeOffset),
                oldType: "timestamp with time zone",
                oldNullable: true,
                oldDefaultValueSql: "now()");

            migrationBuilder.DropColumn(
                name: "dispatched_at",
                schema: "ecgs",
                table: "ecgs");

            migrationBuilder.DropColumn(
                name: "is_reprocessing",
                schema: "ecgs",
                table: "ecgs");

            migrationBuilder.DropColumn(
                name: "samples",
                schema: "ecgs",
                table: "ecgs");
        }
    }
}
