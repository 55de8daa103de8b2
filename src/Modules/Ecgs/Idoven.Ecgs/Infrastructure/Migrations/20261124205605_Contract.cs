using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Ecgs.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Contract : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            migrationBuilder.CreateIndex(
                name: "ix_outbox_key",
                schema: "ecgs",
                table: "outbox",
                column: "key");

            migrationBuilder.CreateIndex(
                name: "ix_idempotency_created_at",
                schema: "ecgs",
                table: "idempotency",
                column: "created_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "idempotency",
                schema: "ecgs");

            migrationBuilder.DropIndex(
                name: "ix_outbox_key",
                schema: "ecgs",
                table: "outbox");
        }
    }
}
