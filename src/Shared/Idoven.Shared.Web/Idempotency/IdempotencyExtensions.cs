using Idoven.Shared.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Web.Idempotency;

public static class IdempotencyExtensions
{
    /// <summary>Adds the removal of keys after 24 hours.</summary>
    public static void AddIdempotency<TDb>(this IServiceCollection services)
        where TDb : DbContext =>
        services.AddRetentionRule<TDb>(
            IdempotencyModel.Table, "subject, client_id, route, key", "created_at < now() - interval '24 hours'");
}
