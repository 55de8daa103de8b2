using Idoven.Ecgs.Domain;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>Creates the context for <c>dotnet ef migrations add</c>, which needs no database.</summary>
internal sealed class EcgsDbContextFactory : IDesignTimeDbContextFactory<EcgsDbContext>
{
    public EcgsDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<EcgsDbContext>();
        options.UseModule(NpgsqlDataSource.Create("Host=localhost"), ModuleName.Value);
        return new EcgsDbContext(options.Options);
    }
}
