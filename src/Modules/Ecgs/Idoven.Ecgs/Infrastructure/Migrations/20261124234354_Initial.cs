using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Idoven.Ecgs.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "ecgs");

            migrationBuilder.CreateTable(
                name: "event_sequence",
                schema: "ecgs",
                columns: table => new
                {
                    only = table.Column<bool>(type: "boolean", nullable: false),
                    last = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_event_sequence", x => x.only);
                    table.CheckConstraint("ck_event_sequence_only", "\"only\"");
                });

            migrationBuilder.CreateTable(
                name: "idempotency",
                schema: "ecgs",
                columns: table => new
                {
                    subject = table.Column<string>(type: "text", nullable: false),
                    client_id = table.Column<string>(type: "text", nullable: false),
                    route = table.Column<string>(type: "text", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false),
                    body_sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    resource_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotency", x => new { x.subject, x.client_id, x.route, x.key });
                    table.CheckConstraint("ck_idempotency_body_sha256", "length(body_sha256) = 32");
                });

            migrationBuilder.CreateTable(
                name: "inbox",
                schema: "ecgs",
                columns: table => new
                {
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    consumer = table.Column<string>(type: "text", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_inbox", x => new { x.message_id, x.consumer });
                });

            migrationBuilder.CreateTable(
                name: "insight_reads",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    ecg_id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    trace_id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_insight_reads", x => x.id);
                });

            // What is on record stays: the running role only adds to it. Who may act as the owner of the tables may prune it.
            migrationBuilder.Sql("""
                create function ecgs.keep_insight_reads() returns trigger language plpgsql as
                $$ begin raise exception 'ecgs.insight_reads only grows' using errcode = 'insufficient_privilege'; end $$;
                create trigger keep before update or delete on ecgs.insight_reads for each statement
                when (not pg_has_role(current_user, 'ecgs_owner', 'member')) execute function ecgs.keep_insight_reads();
                """);

            migrationBuilder.CreateTable(
                name: "outbox",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    is_public = table.Column<bool>(type: "boolean", nullable: false),
                    body = table.Column<string>(type: "json", nullable: false),
                    traceparent = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: true),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "text", nullable: true),
                    parked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_outbox", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "owners",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    erased_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    erased_ecgs = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    erasure_finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_owners", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "parked",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    queue = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    body = table.Column<string>(type: "json", nullable: false),
                    traceparent = table.Column<string>(type: "text", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_parked", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "revocations",
                schema: "ecgs",
                columns: table => new
                {
                    subject = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    session_id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    generation = table.Column<int>(type: "integer", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_revocations", x => new { x.subject, x.session_id });
                });

            migrationBuilder.CreateTable(
                name: "ecgs",
                schema: "ecgs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner_id = table.Column<string>(type: "character varying(200)", nullable: false),
                    date = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    status = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    submitted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    processed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    sampling_frequency = table.Column<double>(type: "double precision", nullable: true),
                    unit = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true),
                    gain = table.Column<double>(type: "double precision", nullable: true),
                    adc_zero = table.Column<int>(type: "integer", nullable: true),
                    external_id = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: true),
                    body_sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failure_reason = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ecgs", x => x.id);
                    table.CheckConstraint("ck_ecgs_attempts", "attempts >= 0");
                    table.CheckConstraint("ck_ecgs_body_sha256", "length(body_sha256) = 32");
                    table.CheckConstraint("ck_ecgs_failure", "(status = 'failed') = (failure_reason is not null)");
                    table.CheckConstraint("ck_ecgs_gain", "gain > 0");
                    table.CheckConstraint("ck_ecgs_processed_at", "(status = 'queued') = (processed_at is null)");
                    table.CheckConstraint("ck_ecgs_sampling_frequency", "sampling_frequency > 0");
                    table.CheckConstraint("ck_ecgs_status", "status in ('queued', 'processed', 'failed')");
                    table.ForeignKey(
                        name: "fk_ecgs_owners_owner_id",
                        column: x => x.owner_id,
                        principalSchema: "ecgs",
                        principalTable: "owners",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "insight_sets",
                schema: "ecgs",
                columns: table => new
                {
                    ecg_id = table.Column<Guid>(type: "uuid", nullable: false),
                    engine_version = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    document = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_insight_sets", x => new { x.ecg_id, x.engine_version });
                    table.ForeignKey(
                        name: "fk_insight_sets_ecgs_ecg_id",
                        column: x => x.ecg_id,
                        principalSchema: "ecgs",
                        principalTable: "ecgs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "leads",
                schema: "ecgs",
                columns: table => new
                {
                    ecg_id = table.Column<Guid>(type: "uuid", nullable: false),
                    lead_no = table.Column<short>(type: "smallint", nullable: false),
                    name = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    samples = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_leads", x => new { x.ecg_id, x.lead_no });
                    table.CheckConstraint("ck_leads_samples", "samples > 0");
                    table.ForeignKey(
                        name: "fk_leads_ecgs_ecg_id",
                        column: x => x.ecg_id,
                        principalSchema: "ecgs",
                        principalTable: "ecgs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "signal_blocks",
                schema: "ecgs",
                columns: table => new
                {
                    ecg_id = table.Column<Guid>(type: "uuid", nullable: false),
                    lead_no = table.Column<short>(type: "smallint", nullable: false),
                    block_no = table.Column<int>(type: "integer", nullable: false),
                    encoding = table.Column<short>(type: "smallint", nullable: false),
                    samples = table.Column<int>(type: "integer", nullable: false),
                    bytes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_signal_blocks", x => new { x.ecg_id, x.lead_no, x.block_no });
                    table.CheckConstraint("ck_signal_blocks_samples", "samples between 1 and 65536");
                    table.ForeignKey(
                        name: "fk_signal_blocks_leads_ecg_id_lead_no",
                        columns: x => new { x.ecg_id, x.lead_no },
                        principalSchema: "ecgs",
                        principalTable: "leads",
                        principalColumns: new[] { "ecg_id", "lead_no" },
                        onDelete: ReferentialAction.Cascade);
                });

            // The blocks are packed already: out of line, and not packed once more.
            migrationBuilder.Sql("alter table ecgs.signal_blocks alter column bytes set storage external");

            migrationBuilder.InsertData(
                schema: "ecgs",
                table: "event_sequence",
                columns: new[] { "only", "last" },
                values: new object[] { true, 0L });

            migrationBuilder.CreateIndex(
                name: "ix_ecgs_next_attempt_at",
                schema: "ecgs",
                table: "ecgs",
                column: "next_attempt_at",
                filter: "next_attempt_at is not null");

            migrationBuilder.CreateIndex(
                name: "ix_ecgs_owner_id_external_id",
                schema: "ecgs",
                table: "ecgs",
                columns: new[] { "owner_id", "external_id" },
                filter: "external_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_ecgs_owner_id_id",
                schema: "ecgs",
                table: "ecgs",
                columns: new[] { "owner_id", "id" },
                descending: new[] { false, true });

            migrationBuilder.CreateIndex(
                name: "ix_idempotency_created_at",
                schema: "ecgs",
                table: "idempotency",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_inbox_received_at",
                schema: "ecgs",
                table: "inbox",
                column: "received_at");

            migrationBuilder.CreateIndex(
                name: "ix_insight_reads_ecg_id",
                schema: "ecgs",
                table: "insight_reads",
                column: "ecg_id");

            migrationBuilder.CreateIndex(
                name: "ix_leads_ecg_id_name",
                schema: "ecgs",
                table: "leads",
                columns: new[] { "ecg_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_outbox_key",
                schema: "ecgs",
                table: "outbox",
                column: "key");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_message_id",
                schema: "ecgs",
                table: "outbox",
                column: "message_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_outbox_sent_at",
                schema: "ecgs",
                table: "outbox",
                column: "sent_at",
                filter: "sent_at is not null");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_sequence",
                schema: "ecgs",
                table: "outbox",
                column: "sequence",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_outbox_unsent",
                schema: "ecgs",
                table: "outbox",
                column: "id",
                filter: "sent_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_owners_erased_at",
                schema: "ecgs",
                table: "owners",
                column: "erased_at",
                filter: "erased_at is not null and erasure_finished_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_parked_message_id_queue",
                schema: "ecgs",
                table: "parked",
                columns: new[] { "message_id", "queue" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_parked_next_attempt_at",
                schema: "ecgs",
                table: "parked",
                column: "next_attempt_at",
                filter: "next_attempt_at is not null");

            migrationBuilder.CreateIndex(
                name: "ix_revocations_expires_at",
                schema: "ecgs",
                table: "revocations",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "event_sequence",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "idempotency",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "inbox",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "insight_reads",
                schema: "ecgs");

            migrationBuilder.Sql("drop function ecgs.keep_insight_reads()");

            migrationBuilder.DropTable(
                name: "insight_sets",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "outbox",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "parked",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "revocations",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "signal_blocks",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "leads",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "ecgs",
                schema: "ecgs");

            migrationBuilder.DropTable(
                name: "owners",
                schema: "ecgs");
        }
    }
}
