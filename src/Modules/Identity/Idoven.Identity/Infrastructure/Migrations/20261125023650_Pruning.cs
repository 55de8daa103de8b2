using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Identity.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Pruning : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_tokens_expiration_date",
                schema: "identity",
                table: "tokens",
                column: "expiration_date");

            migrationBuilder.CreateIndex(
                name: "ix_tokens_subject",
                schema: "identity",
                table: "tokens",
                column: "subject");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_last_used_at",
                schema: "identity",
                table: "sessions",
                column: "last_used_at");

            migrationBuilder.CreateIndex(
                name: "ix_authorizations_subject",
                schema: "identity",
                table: "authorizations",
                column: "subject");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_tokens_expiration_date",
                schema: "identity",
                table: "tokens");

            migrationBuilder.DropIndex(
                name: "ix_tokens_subject",
                schema: "identity",
                table: "tokens");

            migrationBuilder.DropIndex(
                name: "ix_sessions_last_used_at",
                schema: "identity",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_authorizations_subject",
                schema: "identity",
                table: "authorizations");
        }
    }
}
