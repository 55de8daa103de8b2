using System;
using System.Net;
using Idoven.Shared.Audit;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Users.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Audit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit",
                schema: "users",
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
                schema: "users",
                table: "audit",
                columns: new[] { "subject", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_target_id",
                schema: "users",
                table: "audit",
                columns: new[] { "target", "id" });

            migrationBuilder.KeepAudit("users");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit",
                schema: "users");

            migrationBuilder.ForgetAudit("users");
        }
    }
}
