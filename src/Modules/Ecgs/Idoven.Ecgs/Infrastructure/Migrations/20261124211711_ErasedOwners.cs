using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Ecgs.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class ErasedOwners : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "erased_ecgs",
                schema: "ecgs",
                table: "owners",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "erasure_finished_at",
                schema: "ecgs",
                table: "owners",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_owners_erased_at",
                schema: "ecgs",
                table: "owners",
                column: "erased_at",
                filter: "erased_at is not null and erasure_finished_at is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_owners_erased_at",
                schema: "ecgs",
                table: "owners");

            migrationBuilder.DropColumn(
                name: "erased_ecgs",
                schema: "ecgs",
                table: "owners");

            migrationBuilder.DropColumn(
                name: "erasure_finished_at",
                schema: "ecgs",
                table: "owners");
        }
    }
}
