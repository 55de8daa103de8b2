using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Idoven.Ecgs.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class InsightReadsOfEarlierHosts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // During a rolling upgrade an earlier host still records reads of insights in the table that the access log replaced. This view of the
            // same name has no rows; what is inserted into it goes to the access log.
            migrationBuilder.Sql(
                """
                create view ecgs.insight_reads as select id, at, client_id, ecg_id, trace_id from ecgs.accesses where false;
                create function ecgs.insert_insight_read() returns trigger language plpgsql set search_path = pg_catalog as $$
                begin
                  insert into ecgs.accesses (id, at, action, outcome, count, subject, client_id, ecg_id, owner_id, trace_id)
                  select new.id, new.at, 'ecg.read_insights', 'allowed', 1, 'client:' || new.client_id, new.client_id, ecg.id, ecg.owner_id, new.trace_id
                  from (values (new.ecg_id)) as read(ecg_id) left join ecgs.ecgs as ecg on ecg.id = read.ecg_id;
                  return new;
                end $$;
                create trigger insert_access instead of insert on ecgs.insight_reads for each row execute function ecgs.insert_insight_read();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                drop view ecgs.insight_reads;
                drop function ecgs.insert_insight_read();
                """);
        }
    }
}
