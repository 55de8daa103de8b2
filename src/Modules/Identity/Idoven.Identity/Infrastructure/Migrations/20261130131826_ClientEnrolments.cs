using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Identity.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class ClientEnrolments : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "client_enrolments",
                schema: "identity",
                columns: table => new
                {
                    token_hash = table.Column<string>(type: "text", nullable: false),
                    client_key = table.Column<Guid>(type: "uuid", nullable: false),
                    issued_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_client_enrolments", x => x.token_hash);
                    table.ForeignKey(
                        name: "fk_client_enrolments_open_iddict_applications_client_key",
                        column: x => x.client_key,
                        principalSchema: "identity",
                        principalTable: "clients",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_client_enrolments_client_key",
                schema: "identity",
                table: "client_enrolments",
                column: "client_key");

            migrationBuilder.CreateIndex(
                name: "ix_client_enrolments_expires_at",
                schema: "identity",
                table: "client_enrolments",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "client_enrolments",
                schema: "identity");
        }
    }
}
