using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Identity.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class EmailCounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "email_counts",
                schema: "identity",
                columns: table => new
                {
                    key = table.Column<byte[]>(type: "bytea", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: true),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_email_counts", x => x.key);
                    table.ForeignKey(
                        name: "fk_email_counts_accounts_account_id",
                        column: x => x.account_id,
                        principalSchema: "identity",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_email_counts_account_id",
                schema: "identity",
                table: "email_counts",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_email_counts_last_at",
                schema: "identity",
                table: "email_counts",
                column: "last_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "email_counts",
                schema: "identity");
        }
    }
}
