using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Data.Limits;

public static class SharesExtensions
{
    /// <summary>Registers rows of the table of shares.</summary>
    public static void AddShares(this IServiceCollection services, IEnumerable<LimitedResource> resources)
    {
        foreach (var resource in resources)
        {
            services.AddSingleton(resource);
        }
    }
}
