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
/// Accepts client assertions (RFC 7523) without the header <c>typ</c>, which only a later draft requires. No key from the header is used:
/// the keys are those that were registered.
/// </summary>
internal sealed class AcceptUntypedAssertions : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenContext>
{
    public static IReadOnlyList<string> Algorithms { get; } =
        [SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];

    // The token server treats all of them as the first.
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
            context.TokenValidationParameters!.TypeValidator = (type, _, _) =>
                string.IsNullOrEmpty(type) || Types.Contains(type, StringComparer.OrdinalIgnoreCase)
                    ? Types[0]
                    : throw new SecurityTokenInvalidTypeException("The token is not a client assertion.") { InvalidType = type };
            context.TokenValidationParameters.ValidAlgorithms = Algorithms;
            context.DisableAudienceValidation = true; // UseAssertionOnce validates it, with the same error as for any other fault.
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// Validates a client assertion: its issuer and subject are one client, its only audience is the issuer or the token endpoint, it expires
/// within minutes, and it is valid once. Its <c>jti</c> is stored until it expires.
/// </summary>
internal sealed class UseAssertionOnce(
    ModuleDatabase<IdentityDbContext> database, IOpenIddictApplicationManager clients, TimeProvider clock)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ProcessAuthenticationContext>
{
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromMinutes(5);
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
        var tokenEndpoint = new Uri(issuer, context.Options.TokenEndpointUris[0]);
        string[] audiences = [issuer.AbsoluteUri, issuer.AbsoluteUri.TrimEnd('/'), tokenEndpoint.AbsoluteUri];
        if (!IsValid(assertion, context.Request?.ClientId, audiences) || !await Redeem(assertion, context.CancellationToken))
        {
            context.Reject(Errors.InvalidClient, "The client assertion is not valid.");
        }
    }

    private bool IsValid(JsonWebToken assertion, string? clientId, string[] audiences)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return assertion.Subject.Length > 0
            && assertion.Subject == assertion.Issuer
            && (string.IsNullOrEmpty(clientId) || clientId == assertion.Subject)
            && assertion.Id.Length > 0
            && assertion.Audiences.ToArray() is [var audience]
            && audiences.Contains(audience)
            && assertion.ValidTo > now
            && assertion.ValidTo <= now + LongestLifetime + ClockSkew
            && assertion.ValidFrom <= now + ClockSkew
            && assertion.IssuedAt <= now + ClockSkew;
    }

    /// <returns>False if the assertion was used before.</returns>
    private async Task<bool> Redeem(JsonWebToken assertion, CancellationToken ct)
    {
        if (await clients.FindByClientIdAsync(assertion.Subject, ct) is not { } client)
        {
            return false;
        }

        // A row among the tokens, so that it is pruned when it expires. Outside the request's transaction: the assertion is used up even if
        // the request fails.
        await using var command = database.DataSource.CreateCommand(
            """
            insert into identity.tokens (id, application_id, type, status, reference_id, creation_date, expiration_date)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict (reference_id) do nothing
            """);
        var now = clock.GetUtcNow();
        object[] values =
        [
            Guid.CreateVersion7(now), Guid.Parse((await clients.GetIdAsync(client, ct))!),
            TokenTypeIdentifiers.Private.ClientAssertion, Statuses.Valid, CreateReference(assertion),
            now.UtcDateTime, DateTime.SpecifyKind(assertion.ValidTo, DateTimeKind.Utc),
        ];
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    private static string CreateReference(JsonWebToken assertion) =>
        $"jti:{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{assertion.Subject}\n{assertion.Id}")))}";
}
