using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Parts;

/// <summary>Makes every request to a host one that a page of another origin sends.</summary>
internal sealed class AnotherOrigin : IStartupFilter
{
    public const string Value = "https://elsewhere.example";

    public static void Send(WebApplicationBuilder builder) => builder.Services.AddSingleton<IStartupFilter, AnotherOrigin>();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            context.Request.Headers.Origin = Value;
            return following(context);
        });
        next(app);
    };
}
