using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Identity.Infrastructure.Migrations
{
    /// <summary>
    /// Moves the activation tokens to the table of the other one-time tokens. Each token keeps its hash and its time, so that a link that
    /// was sent before stays valid, once. Hosts of earlier releases may run beside this one: <c>activations</c> is a view now, in which
    /// they read, insert, update and delete the same rows. A later migration drops the view, when such hosts need not be supported.
    /// </summary>
    public partial class OneTokenTable : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Statements of running hosts wait for the locks. Hosts of earlier releases find the view after that.
            migrationBuilder.Sql(
                "lock table identity.accounts, identity.one_time_tokens, identity.activations in access exclusive mode;");

            migrationBuilder.DropForeignKey(
                name: "fk_one_time_tokens_accounts_account_id",
                schema: "identity",
                table: "one_time_tokens");

            migrationBuilder.AddColumn<long>(
                name: "version",
                schema: "identity",
                table: "one_time_tokens",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "existing_account_id",
                schema: "identity",
                table: "one_time_tokens",
                type: "uuid",
                nullable: true,
                computedColumnSql: "case when use <> 'Activation' then account_id end",
                stored: true);

            migrationBuilder.CreateIndex(
                name: "ix_one_time_tokens_activation",
                schema: "identity",
                table: "one_time_tokens",
                column: "account_id",
                unique: true,
                filter: "use = 'Activation'");

            migrationBuilder.CreateIndex(
                name: "ix_one_time_tokens_existing_account_id",
                schema: "identity",
                table: "one_time_tokens",
                column: "existing_account_id");

            migrationBuilder.AddForeignKey(
                name: "fk_one_time_tokens_accounts_existing_account_id",
                schema: "identity",
                table: "one_time_tokens",
                column: "existing_account_id",
                principalSchema: "identity",
                principalTable: "accounts",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);

            // Users issues activation tokens for 72 hours.
            migrationBuilder.Sql(
                """
                insert into identity.one_time_tokens (token_hash, account_id, use, issued_at, expires_at, wrong, version)
                  select token_hash, user_id, 'Activation', expires_at - interval '72 hours', expires_at, 0, version
                  from identity.activations;
                drop table identity.activations;
                create view identity.activations as
                  select account_id as user_id, version, token_hash, expires_at, use, issued_at, wrong
                  from identity.one_time_tokens where use = 'Activation'
                  with check option;
                alter view identity.activations alter column use set default 'Activation';
                alter view identity.activations alter column issued_at set default now();
                alter view identity.activations alter column wrong set default 0;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop view identity.activations;");

            migrationBuilder.CreateTable(
                name: "activations",
                schema: "identity",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    token_hash = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_activations", x => x.user_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_activations_token_hash",
                schema: "identity",
                table: "activations",
                column: "token_hash",
                unique: true);

            migrationBuilder.Sql(
                """
                insert into identity.activations (user_id, version, token_hash, expires_at)
                  select account_id, version, token_hash, expires_at from identity.one_time_tokens where use = 'Activation';
                delete from identity.one_time_tokens where use = 'Activation';
                """);

            migrationBuilder.DropForeignKey(
                name: "fk_one_time_tokens_accounts_existing_account_id",
                schema: "identity",
                table: "one_time_tokens");

            migrationBuilder.DropIndex(
                name: "ix_one_time_tokens_activation",
                schema: "identity",
                table: "one_time_tokens");

            migrationBuilder.DropIndex(
                name: "ix_one_time_tokens_existing_account_id",
                schema: "identity",
                table: "one_time_tokens");

            migrationBuilder.DropColumn(
                name: "existing_account_id",
                schema: "identity",
                table: "one_time_tokens");

            migrationBuilder.DropColumn(
                name: "version",
                schema: "identity",
                table: "one_time_tokens");

            migrationBuilder.AddForeignKey(
                name: "fk_one_time_tokens_accounts_account_id",
                schema: "identity",
                table: "one_time_tokens",
                column: "account_id",
                principalSchema: "identity",
                principalTable: "accounts",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);
        }
    }
}
