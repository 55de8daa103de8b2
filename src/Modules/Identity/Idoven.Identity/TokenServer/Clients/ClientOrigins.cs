using System.Collections.Frozen;
using System.Text.Json;
using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
using Idoven.Shared.Web.Cors;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.TokenServer.Clients;

/// <summary>
/// Answers preflight requests to the endpoints that applications in browsers call, and allows the origins of all enabled clients. The
/// client is known only from the request that follows; <see cref="AllowClientOrigin"/> adds the headers to its response.
/// </summary>
/// <remarks>Preflight requests need no token, so the clients are read once a second at most.</remarks>
internal sealed class ClientOrigins(ModuleDatabase<IdentityDbContext> database, TimeProvider clock) : ICrossOriginRule
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);
    private static readonly string[] Endpoints = ["/connect/token", "/connect/revoke", "/connect/device", "/connect/userinfo"];
    private static readonly CorsPolicy NoOrigin = new();

    private readonly Lock gate = new();
    private Task<FrozenSet<string>>? reading;
    private long readAt;

    public async Task<CorsPolicy?> FindPolicy(HttpContext context)
    {
        var request = context.Request;
        var isCovered = Endpoints.Contains(request.Path.Value?.TrimEnd('/'), StringComparer.OrdinalIgnoreCase);
        if (!isCovered || !HttpMethods.IsOptions(request.Method))
        {
            return null;
        }

        var origin = request.Headers.Origin.ToString();
        return (await GetOrigins().WaitAsync(context.RequestAborted)).Contains(origin) ? CrossOrigin.ForOrigin(origin) : NoOrigin;
    }

    private Task<FrozenSet<string>> GetOrigins()
    {
        lock (gate)
        {
            // A failure is kept as long as a success, so that an unavailable database is not queried more often.
            if (reading is null || (reading.IsCompleted && clock.GetElapsedTime(readAt) >= MaxAge))
            {
                (reading, readAt) = (Read(), clock.GetTimestamp());
            }

            return reading;
        }
    }

    private async Task<FrozenSet<string>> Read()
    {
        await using var command = database.DataSource.CreateCommand(
            "select redirect_uris, properties from identity.clients where redirect_uris is not null");
        await using var reader = await command.ExecuteReaderAsync();
        var origins = new HashSet<string>();
        while (await reader.ReadAsync())
        {
            if (ClientState.Read(await reader.IsDBNullAsync(1) ? null : reader.GetString(1)).IsEnabled)
            {
                var redirectUris = JsonSerializer.Deserialize<string[]>(reader.GetString(0))!;
                origins.UnionWith(redirectUris.Select(WebOrigin.FromRedirectUri).OfType<string>());
            }
        }

        return origins.ToFrozenSet();
    }
}
