using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Identity.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class KeyLives : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "activated_at",
                schema: "identity",
                table: "keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "retired_at",
                schema: "identity",
                table: "keys",
                type: "timestamp with time zone",
                nullable: true);

            // Those of v0.1.0, which had one of each use.
            migrationBuilder.Sql(
                """
                update identity.keys set activated_at = created_at;
                update identity.keys set retired_at = now()
                where id not in (select distinct on (use) id from identity.keys order by use, created_at desc);
                """);

            migrationBuilder.CreateIndex(
                name: "ix_keys_active",
                schema: "identity",
                table: "keys",
                column: "use",
                unique: true,
                filter: "activated_at is not null and retired_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_keys_next",
                schema: "identity",
                table: "keys",
                column: "use",
                unique: true,
                filter: "activated_at is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_keys_active",
                schema: "identity",
                table: "keys");

            migrationBuilder.DropIndex(
                name: "ix_keys_next",
                schema: "identity",
                table: "keys");

            migrationBuilder.DropColumn(
                name: "activated_at",
                schema: "identity",
                table: "keys");

            migrationBuilder.DropColumn(
                name: "retired_at",
                schema: "identity",
                table: "keys");
        }
    }
}
