using System;
using System.Net;
using Idoven.Shared.Audit;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Identity.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Audit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<IPAddress>(
                name: "first_address",
                schema: "identity",
                table: "sessions",
                type: "inet",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "first_agent",
                schema: "identity",
                table: "sessions",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<IPAddress>(
                name: "last_address",
                schema: "identity",
                table: "sessions",
                type: "inet",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "last_agent",
                schema: "identity",
                table: "sessions",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "audit",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    action = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    outcome = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    reason = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: true),
                    subject = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    client_id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    target = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    session_id = table.Column<Guid>(type: "uuid", nullable: true),
                    address = table.Column<IPAddress>(type: "inet", nullable: true),
                    trace_id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit", x => x.id);
                    table.CheckConstraint("ck_audit_codes", "action ~ '^[a-z0-9_.-]+$' and reason ~ '^[a-z0-9_.-]+$'");
                    table.CheckConstraint("ck_audit_outcome", "outcome in ('success', 'refused')");
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_subject_id",
                schema: "identity",
                table: "audit",
                columns: new[] { "subject", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_target_id",
                schema: "identity",
                table: "audit",
                columns: new[] { "target", "id" });

            migrationBuilder.KeepAudit("identity");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit",
                schema: "identity");

            migrationBuilder.DropColumn(
                name: "first_address",
                schema: "identity",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "first_agent",
                schema: "identity",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "last_address",
                schema: "identity",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "last_agent",
                schema: "identity",
                table: "sessions");

            migrationBuilder.ForgetAudit("identity");
        }
    }
}
