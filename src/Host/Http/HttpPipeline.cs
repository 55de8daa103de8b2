using System.Globalization;
using System.Text.Json.Serialization;
using Idoven.Host.Readiness;
using Idoven.Host.Telemetry;
using Idoven.Shared.Audit;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Data.Limits;
using Idoven.Shared.Data.Readiness;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Cors;
using Idoven.Shared.Web.Revocation;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;

namespace Idoven.Host.Http;

public static class HttpPipeline
{
    /// <summary>Adds what the endpoints of every module need: access tokens, policies, problem bodies, limits.</summary>
    /// <param name="access">The scopes and policies of all modules.</param>
    /// <exception cref="ConfigurationException"><c>Auth:Issuer</c> is missing or is not an absolute URL.</exception>
    public static void AddHttp(this IHostApplicationBuilder builder, AccessRules access)
    {
        builder.Services.AddProblemDetails(Problems.Apply);
        builder.Services.AddExceptionHandler<ExceptionToProblemHandler>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<ICurrentActor, RequestActors>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        builder.Services.AddScoped(services =>
            new CurrentCaller(services.GetRequiredService<IHttpContextAccessor>().HttpContext?.User ?? new()));
        builder.Services.AddSingleton(access);
        builder.Services.AddAuthorization(access.Apply);
        builder.Services.AddProblemTypes(Problems.Types);
        var rateLimits = builder.Configuration.Read<RateLimitOptions>("RateLimits");
        builder.Services.AddSingleton(services => new RateLimits(rateLimits, services.GetRequiredService<TimeProvider>()));
        builder.Services.Configure<KestrelServerOptions>(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = BodyLimits.SmallBodyBytes;
        });
        builder.Services.AddSingleton<SmallBodies>();
        builder.Services.AddSingleton<UnreadBodies>();
        builder.Services.AddCompression();
        builder.Services.AddShares(HttpShares.All);
        builder.AddProxies();
        builder.Services.AddCors();
        builder.Services.AddSingleton<ICorsPolicyProvider, CrossOrigin>();
        var issuer = Issuer(builder.Configuration, builder.Environment);
        builder.Services.AddSingleton(DemoAccess.Read(builder.Configuration, builder.Environment, issuer));
        builder.Services.AddSingleton(new PublicAddress(issuer));
        builder.Services.AddSingleton<IssuerKeys>(
            services => new PublishedKeys(issuer, Metadata(builder.Configuration, issuer), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService<WatchIssuerKeys>();
        builder.Services.AddReadyCheck<IssuerKeysCheck>("issuer-keys");
        builder.AddReadiness();
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MinResponseDataRate = new MinDataRate(
                StreamedResponse.MinBytesPerSecond, gracePeriod: StreamedResponse.PieceLimit));
        AddAccessTokens(builder.Services, issuer, access);
    }

    /// <summary>
    /// Adds the middleware in this order: unread bodies, proxies, request id, HEAD, exceptions, statuses without a body, CORS, OPTIONS,
    /// compression, small bodies, token, audit of rejections, policy, rate limit.
    /// </summary>
    public static void UseHttp(this WebApplication app)
    {
        var root = app.Services.GetRequiredService<PublicAddress>().Root;
        app.Use(app.Services.GetRequiredService<UnreadBodies>().Invoke);
        app.UseProxies(root);
        app.Use((context, next) =>
        {
            context.OnResponse(headers =>
            {
                headers["x-request-id"] = context.TraceIdentifier;

                // No cache may store health data and tokens, unless the response permits it.
                headers.TryAdd(HeaderNames.CacheControl, "no-store");
                headers.XContentTypeOptions = "nosniff";

                // CORS headers are sent only to requests with an Origin: a cache must not return a response without them to a page.
                headers.Append(HeaderNames.Vary, HeaderNames.Origin);
                if (root.Scheme == Uri.UriSchemeHttps)
                {
                    headers.StrictTransportSecurity = "max-age=31536000";
                }
            });
            return next(context);
        });
        app.Use(RequestMethods.ServeHead);
        app.UseExceptionHandler();
        app.UseStatusCodePages(context =>
            TypedResults.Problem(Problems.Create(context.HttpContext.Response.StatusCode)).ExecuteAsync(context.HttpContext));
        var managementPort = ManagementPortSetting.Read(app.Configuration);
        app.Use((context, next) =>
        {
            // Operators can open the management port to other networks than the API: each port serves its own addresses.
            var isForOperators = context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/metrics");
            if (isForOperators == (context.Connection.LocalPort == managementPort))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.UseRouting();
        app.UseCors();
        app.Use(RequestMethods.AnswerOptions);
        app.UseCompression();
        app.Use(app.Services.GetRequiredService<SmallBodies>().Invoke);
        app.Use(CallerTraces.Link);
        app.UseAuthentication();
        app.Use(AuditRejections.Invoke);
        app.UseAuthorization();
        app.Use(CallerTraces.Continue);
        app.Use(app.Services.GetRequiredService<RateLimits>().Invoke);
    }

    private static Uri Issuer(IConfiguration configuration, IHostEnvironment environment)
    {
        if (!Uri.TryCreate(configuration["Auth:Issuer"], UriKind.Absolute, out var issuer) || issuer.Scheme is not ("http" or "https"))
        {
            throw new ConfigurationException(
                "Auth:Issuer is not set: give the public URL of the token issuer, such as https://ecg.example.org/.");
        }

        if (issuer.AbsoluteUri != $"{issuer.GetLeftPart(UriPartial.Authority)}/")
        {
            throw new ConfigurationException(
                $"Auth:Issuer has more than a scheme, a host and a port: {issuer}. The service needs a host name or a port of its own.");
        }

        // Without TLS, passwords, cookies and tokens are sent in clear text.
        return issuer.Scheme == Uri.UriSchemeHttps || issuer.IsLoopback || environment.IsDevelopment()
            ? issuer
            : throw new ConfigurationException(
                $"Auth:Issuer is {issuer}: outside Development, plain http is accepted for this machine only (localhost); " +
                "give an https URL.");
    }

    private static Uri Metadata(IConfiguration configuration, Uri issuer) => configuration["Auth:MetadataAddress"] switch
    {
        null or "" => PublishedKeys.MetadataOf(issuer),
        var text => Uri.TryCreate(text, UriKind.Absolute, out var address)
            ? address
            : throw new ConfigurationException($"Auth:MetadataAddress is not an absolute URL: {text}"),
    };

    private static void AddAccessTokens(IServiceCollection services, Uri issuer, AccessRules access)
    {
        var authentication = services.AddAuthentication();
        foreach (var audience in access.Audiences)
        {
            authentication.AddJwtBearer(audience, _ => { });
            services.AddOptions<JwtBearerOptions>(audience).Configure<IServiceProvider>((options, provider) =>
            {
                options.MapInboundClaims = false;
                options.TokenValidationParameters = new TokenValidationParameters
                {
                    ValidIssuer = issuer.AbsoluteUri,

                    // A token for another module is valid: the policy says which scope it lacks.
                    ValidAudiences = access.Audiences,
                    ValidTypes = ["at+jwt"],
                    ValidAlgorithms = [SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSha256],
                    ClockSkew = TimeSpan.FromSeconds(10),
                    NameClaimType = "sub",
                    RoleClaimType = "role",
                };

                // If the module does not run on this host, the scheme is used for unknown addresses only: the revocations of any module
                // will do.
                var known = access.Audiences.Prepend(audience).Select(module => provider.GetKeyedService<IRevoked>(module));
                var revoked = known.FirstOrDefault(revocations => revocations is not null);
                options.Events = new JwtBearerEvents
                {
                    OnTokenValidated = context =>
                    {
                        if (revoked?.IsRevoked(context.Principal!) == true)
                        {
                            context.Fail("The token was revoked.");
                        }

                        return Task.CompletedTask;
                    },
                    OnChallenge = context =>
                    {
                        // The response does not say why the token is not valid: that would help an attacker.
                        context.ErrorDescription = null;
                        return Task.CompletedTask;
                    },
                    OnForbidden = context => InsufficientScope.Answer(context.HttpContext),
                };

                options.TokenValidationParameters.ConfigurationManager = provider.GetRequiredService<IssuerKeys>();
            });
        }
    }
}
