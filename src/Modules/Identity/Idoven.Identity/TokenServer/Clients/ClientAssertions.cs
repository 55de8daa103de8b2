using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Clients;

/// <summary>
/// What a client signs of itself (RFC 7523) need not say its type, which only a later draft asks for. Nothing in its header is followed: the keys
/// are those that were registered.
/// </summary>
internal sealed class AcceptUntypedAssertions : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenContext>
{
    public static IReadOnlyList<string> Algorithms { get; } = [SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];

    // To the token server all of them are the first.
    private static readonly string[] Types = ["client-authentication+jwt", "JWT"];

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ValidateTokenContext>()
            .UseSingletonHandler<AcceptUntypedAssertions>()
            .SetOrder(OpenIddictServerHandlers.Protection.ResolveTokenValidationParameters.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(OpenIddictServerEvents.ValidateTokenContext context)
    {
        if (context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion))
        {
            context.TokenValidationParameters!.TypeValidator = (type, _, _) => string.IsNullOrEmpty(type) || Types.Contains(type, StringComparer.OrdinalIgnoreCase)
                ? Types[0]
                : throw new SecurityTokenInvalidTypeException("This is no client assertion.") { InvalidType = type };
            context.TokenValidationParameters.ValidAlgorithms = Algorithms;
            context.DisableAudienceValidation = true; // Below, where it is refused like everything else.
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// An assertion speaks for one client, is for the issuer or for the token endpoint and nobody else, lives a few minutes, and is good once: its
/// <c>jti</c> is kept for as long as it lives.
/// </summary>
internal sealed class UseAssertionOnce(ModuleDatabase<IdentityDbContext> database, IOpenIddictApplicationManager clients, TimeProvider clock)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ProcessAuthenticationContext>
{
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ProcessAuthenticationContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireClientAssertionPrincipal>()
            .UseScopedHandler<UseAssertionOnce>()
            .SetOrder(OpenIddictServerHandlers.ValidateClientAssertion.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(OpenIddictServerEvents.ProcessAuthenticationContext context)
    {
        var assertion = new JsonWebToken(context.ClientAssertion);
        var issuer = context.Options.Issuer!;
        string[] audiences = [issuer.AbsoluteUri, issuer.AbsoluteUri.TrimEnd('/'), new Uri(issuer, context.Options.TokenEndpointUris[0]).AbsoluteUri];
        if (!Holds(assertion, context.Request?.ClientId, audiences) || !await Use(assertion, context.CancellationToken))
        {
            context.Reject(Errors.InvalidClient, "The client assertion is not valid.");
        }
    }

    private bool Holds(JsonWebToken assertion, string? clientId, string[] audiences)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return assertion.Subject.Length > 0
            && assertion.Subject == assertion.Issuer
            && (string.IsNullOrEmpty(clientId) || clientId == assertion.Subject)
            && assertion.Id.Length > 0
            && assertion.Audiences.ToArray() is [var audience]
            && audiences.Contains(audience)
            && assertion.ValidTo > now
            && assertion.ValidTo <= now + LongestLife + ClockSkew
            && assertion.ValidFrom <= now + ClockSkew
            && assertion.IssuedAt <= now + ClockSkew;
    }

    /// <returns>False where it was used before.</returns>
    private async Task<bool> Use(JsonWebToken assertion, CancellationToken ct)
    {
        if (await clients.FindByClientIdAsync(assertion.Subject, ct) is not { } client)
        {
            return false;
        }

        // A row among the tokens, which go when they are over. Beside the request's transaction: it is used, whatever comes of the request.
        await using var command = database.DataSource.CreateCommand(
            """
            insert into identity.tokens (id, application_id, type, status, reference_id, creation_date, expiration_date)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict (reference_id) do nothing
            """);
        var now = clock.GetUtcNow();
        object[] values =
        [
            Guid.CreateVersion7(now), Guid.Parse((await clients.GetIdAsync(client, ct))!), TokenTypeIdentifiers.Private.ClientAssertion, Statuses.Valid,
            Reference(assertion), now.UtcDateTime, DateTime.SpecifyKind(assertion.ValidTo, DateTimeKind.Utc),
        ];
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    private static string Reference(JsonWebToken assertion) =>
        $"jti:{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{assertion.Subject}\n{assertion.Id}")))}";
}
