using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Users.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Lease : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "hosts",
                schema: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_hosts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "leader",
                schema: "users",
                columns: table => new
                {
                    only = table.Column<bool>(type: "boolean", nullable: false),
                    holder = table.Column<Guid>(type: "uuid", nullable: true),
                    epoch = table.Column<long>(type: "bigint", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    backend_pid = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_leader", x => x.only);
                    table.CheckConstraint("ck_leader_only", "\"only\"");
                });

            migrationBuilder.InsertData(
                schema: "users",
                table: "leader",
                columns: new[] { "only", "backend_pid", "epoch", "holder", "until" },
                values: new object[] { true, null, 0L, null, new DateTimeOffset(new DateTime(1970, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)) });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "hosts",
                schema: "users");

            migrationBuilder.DropTable(
                name: "leader",
                schema: "users");
        }
    }
}
