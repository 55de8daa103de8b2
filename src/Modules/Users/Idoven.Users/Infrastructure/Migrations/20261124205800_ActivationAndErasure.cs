using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Users.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class ActivationAndErasure : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "activated_at",
                schema: "users",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "activation_expires_at",
                schema: "users",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "erasures",
                schema: "users",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    role = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_erasures", x => x.user_id);
                    table.CheckConstraint("ck_erasures_role", "role in ('user', 'admin', 'superadmin')");
                });

            migrationBuilder.CreateTable(
                name: "erased_parts",
                schema: "users",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    module = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    counts = table.Column<string>(type: "json", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_erased_parts", x => new { x.user_id, x.module });
                    table.ForeignKey(
                        name: "fk_erased_parts_erasures_user_id",
                        column: x => x.user_id,
                        principalSchema: "users",
                        principalTable: "erasures",
                        principalColumn: "user_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_users_activation",
                schema: "users",
                table: "users",
                sql: "activated_at is null or activation_expires_at is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "erased_parts",
                schema: "users");

            migrationBuilder.DropTable(
                name: "erasures",
                schema: "users");

            migrationBuilder.DropCheckConstraint(
                name: "ck_users_activation",
                schema: "users",
                table: "users");

            migrationBuilder.DropColumn(
                name: "activated_at",
                schema: "users",
                table: "users");

            migrationBuilder.DropColumn(
                name: "activation_expires_at",
                schema: "users",
                table: "users");
        }
    }
}
