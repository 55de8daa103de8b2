using Idoven.Shared.Data;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Consumers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Idoven.Shared.Audit;

public static class AuditExtensions
{
    /// <summary>
    /// Adds the audit log of a module (keyed by the module's name), seals it, and removes entries older than <c>Audit:KeepDays</c>.
    /// </summary>
    /// <exception cref="ConfigurationException">The section <c>Audit</c> is not valid, or there is no secret for the seals.</exception>
    public static void AddAudit<TDb>(this IHostApplicationBuilder builder, string module)
        where TDb : DbContext
    {
        var services = builder.Services;
        services.TryAddScoped<Inbox>();
        services.AddScoped<IAuditLog<TDb>, AuditLog<TDb>>();
        services.AddKeyedScoped<IAuditLog>(module, (provider, _) => provider.GetRequiredService<IAuditLog<TDb>>());
        services.AddKeyedScoped<IAuditRows, AuditStore<TDb>>(module);
        var options = builder.Configuration.Read<AuditOptions>("Audit");
        var key = SealKey.Read(options.SealKey, builder.Configuration["Auth:MasterKey"], module);
        services.AddSingleton<RetentionRule<TDb>>(new AuditRetention<TDb>(options.KeepDays));
        services.AddSingleton<RetentionRule<TDb>>(new SealRetention<TDb>(options.KeepDays));
        services.AddSingleton<SealSchedule<TDb>>();
        services.AddScoped<IBackgroundJob<TDb>>(provider => ActivatorUtilities.CreateInstance<AuditSealJob<TDb>>(provider, key));
        services.AddHostedService<UnsealedGauge<TDb>>();
        services.AddSingleton(provider => new AuditCheck(
            module, provider.GetRequiredService<ModuleDatabase<TDb>>().Background, key, options.KeepDays));
    }
}
