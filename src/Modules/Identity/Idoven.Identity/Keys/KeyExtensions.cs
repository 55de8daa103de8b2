using System.ComponentModel.DataAnnotations;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.Infrastructure.Keys;
using Idoven.Identity.TokenServer;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenIddict.Server;

namespace Idoven.Identity.Keys;

/// <summary>The section <c>Keys</c>.</summary>
internal sealed class KeyOptions
{
    /// <summary>The time for which a key signs.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "1000.00:00:00", ErrorMessage = "give 1 to 1000 days, such as 90.00:00:00")]
    public TimeSpan RotateAfter { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The time for which a key is published at least before it signs; longer than any reader caches the published keys.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1000.00:00:00", ErrorMessage = "give 0 to 1000 days, such as 7.00:00:00")]
    public TimeSpan PublishAhead { get; set; } = TimeSpan.FromDays(7);
}

internal static class KeyExtensions
{
    // Added to the lifetime of a token: for a host that does not know yet that the key is retired, and for clocks that differ.
    private static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    /// <summary>
    /// Adds the keys of the token server and those of ASP.NET Core Data Protection, for cookies and forms. Both are stored encrypted with
    /// the master key.
    /// </summary>
    public static void AddKeys(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(MasterKey.Read(builder.Configuration["Auth:MasterKey"]));
        var options = builder.Configuration.Read<KeyOptions>("Keys");
        services.AddSingleton(new KeyLife(options.RotateAfter, options.PublishAhead, TokenServerExtensions.RefreshTokenLifetime + Margin));
        services.AddSingleton<KeyStore>();
        services.AddSingleton<IKeys>(provider => provider.GetRequiredService<KeyStore>());
        services.AddSingleton<KeyRing>();
        services.Replace(ServiceDescriptor.Singleton<IssuerKeys>(provider => provider.GetRequiredService<KeyRing>()));
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(provider => provider.GetRequiredService<KeyRing>());
        services.AddHostedService(provider => provider.GetRequiredService<KeyRing>());
        services.AddDataProtection().SetApplicationName("idoven").PersistKeysToDbContext<IdentityDbContext>();
        services.AddOptions<KeyManagementOptions>()
            .Configure<MasterKey>((keys, master) => keys.XmlEncryptor = new SealedXmlEncryptor(master));
    }
}
