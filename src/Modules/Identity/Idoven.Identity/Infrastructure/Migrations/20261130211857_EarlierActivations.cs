using System;
using System.Net;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Identity.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class EarlierActivations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<IPAddress>(
                name: "activated_from",
                schema: "identity",
                table: "accounts",
                type: "inet",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "spent_activations",
                schema: "identity",
                columns: table => new
                {
                    token_hash = table.Column<string>(type: "text", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    spent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_spent_activations", x => x.token_hash);
                    table.ForeignKey(
                        name: "fk_spent_activations_accounts_user_id",
                        column: x => x.user_id,
                        principalSchema: "identity",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_spent_activations_spent_at",
                schema: "identity",
                table: "spent_activations",
                column: "spent_at");

            migrationBuilder.CreateIndex(
                name: "ix_spent_activations_user_id",
                schema: "identity",
                table: "spent_activations",
                column: "user_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "spent_activations",
                schema: "identity");

            migrationBuilder.DropColumn(
                name: "activated_from",
                schema: "identity",
                table: "accounts");
        }
    }
}
