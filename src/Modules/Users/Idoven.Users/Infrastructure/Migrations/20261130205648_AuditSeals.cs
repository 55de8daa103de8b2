using System;
using Idoven.Shared.Audit;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Users.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class AuditSeals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "count",
                schema: "users",
                table: "audit",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<string>(
                name: "counted_as",
                schema: "users",
                table: "audit",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "audit_seal_keys",
                schema: "users",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    public_key = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_seal_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit_seals",
                schema: "users",
                columns: table => new
                {
                    number = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ids = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    row_hashes = table.Column<byte[]>(type: "bytea", nullable: false),
                    previous = table.Column<byte[]>(type: "bytea", nullable: false),
                    key_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    signature = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_seals", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "audit_unsealed",
                schema: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_unsealed", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_counted_as",
                schema: "users",
                table: "audit",
                column: "counted_as",
                unique: true,
                filter: "counted_as is not null");

            migrationBuilder.SealAudit("users");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_seal_keys",
                schema: "users");

            migrationBuilder.DropTable(
                name: "audit_seals",
                schema: "users");

            migrationBuilder.DropTable(
                name: "audit_unsealed",
                schema: "users");

            migrationBuilder.DropIndex(
                name: "ix_audit_counted_as",
                schema: "users",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "count",
                schema: "users",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "counted_as",
                schema: "users",
                table: "audit");

            migrationBuilder.UnsealAudit("users");
        }
    }
}
