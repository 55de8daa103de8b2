using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Users.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class SharedEmail : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_users_normalized_email",
                schema: "users",
                table: "users");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_users_normalized_email",
                schema: "users",
                table: "users",
                column: "normalized_email",
                unique: true);
        }
    }
}
