using Idoven.Identity.Common;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Idoven.Identity.Infrastructure;

/// <summary>Creates the context for <c>dotnet ef migrations add</c>, which does not connect to a database.</summary>
internal sealed class IdentityDbContextFactory : IDesignTimeDbContextFactory<IdentityDbContext>
{
    public IdentityDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<IdentityDbContext>();
        options.UseModule(NpgsqlDataSource.Create("Host=localhost"), ModuleName.Value);
        return new IdentityDbContext(options.Options);
    }
}
