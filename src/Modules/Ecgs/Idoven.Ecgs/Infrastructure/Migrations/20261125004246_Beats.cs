using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Ecgs.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Beats : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "beat_lists",
                schema: "ecgs",
                columns: table => new
                {
                    ecg_id = table.Column<Guid>(type: "uuid", nullable: false),
                    engine_version = table.Column<string>(type: "character varying(50)", nullable: false),
                    lead_no = table.Column<short>(type: "smallint", nullable: false),
                    beats = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_beat_lists", x => new { x.ecg_id, x.engine_version, x.lead_no });
                    table.ForeignKey(
                        name: "fk_beat_lists_insight_sets_ecg_id_engine_version",
                        columns: x => new { x.ecg_id, x.engine_version },
                        principalSchema: "ecgs",
                        principalTable: "insight_sets",
                        principalColumns: new[] { "ecg_id", "engine_version" },
                        onDelete: ReferentialAction.Cascade);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "beat_lists",
                schema: "ecgs");
        }
    }
}
