using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Answers <c>slow_down</c> to a device that polls more often than it should (RFC 8628, 3.5). The time of the last poll is stored with the
/// device code, so the limit applies to all hosts together.
/// </summary>
internal sealed class LimitPolling(ModuleDatabase<IdentityDbContext> database)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenContext>
{
    public const int IntervalSeconds = 5;

    // Tolerates different delays of the network between two polls.
    private const int JitterSeconds = 1;

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ValidateTokenContext>()
            .UseScopedHandler<LimitPolling>()
            .SetOrder(OpenIddictServerHandlers.Protection.ValidateTokenEntry.Descriptor.Order - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(OpenIddictServerEvents.ValidateTokenContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token
            || context.Principal is not { } code
            || !code.HasTokenType(TokenTypeIdentifiers.Private.DeviceCode))
        {
            return;
        }

        if (!code.HasPresenter(context.Request?.ClientId ?? ""))
        {
            // Another client does not learn whether the user has decided.
            context.Reject(Errors.InvalidGrant, "The code was issued to another client.");
        }
        else if (Guid.TryParse(code.GetTokenId(), out var id) && await IsTooEarly(id, context.CancellationToken))
        {
            context.Reject(Errors.SlowDown, $"Wait {IntervalSeconds} seconds between two requests.");
        }
    }

    /// <summary>Returns whether the last poll was too recent. Once the user has decided, the result is returned without a limit.</summary>
    private async Task<bool> IsTooEarly(Guid code, CancellationToken ct)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            with asked as (
              select id, (coalesce(properties, '{}')::jsonb ->> 'asked_at')::timestamptz > now() - make_interval(secs => $2) as too_early
              from identity.tokens where id = $1 and status = 'inactive' for update)
            update identity.tokens t set properties = (coalesce(t.properties, '{}')::jsonb || jsonb_build_object('asked_at', now()))::text
            from asked where t.id = asked.id returning coalesce(asked.too_early, false)
            """);
        command.Parameters.Add(new() { Value = code });
        command.Parameters.Add(new() { Value = (double)(IntervalSeconds - JitterSeconds) });
        return await command.ExecuteScalarAsync(ct) is true;
    }
}

/// <summary>Returns to the device how many seconds to wait between two polls.</summary>
internal sealed class ReturnPollingInterval : IOpenIddictServerHandler<OpenIddictServerEvents.HandleDeviceAuthorizationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.HandleDeviceAuthorizationRequestContext>()
            .UseSingletonHandler<ReturnPollingInterval>()
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(OpenIddictServerEvents.HandleDeviceAuthorizationRequestContext context)
    {
        context.Parameters[Parameters.Interval] = LimitPolling.IntervalSeconds;
        return ValueTask.CompletedTask;
    }
}

/// <summary>Accepts user codes that are typed in lower case.</summary>
internal sealed class NormalizeUserCode : IOpenIddictServerHandler<OpenIddictServerEvents.ExtractEndUserVerificationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ExtractEndUserVerificationRequestContext>()
            .UseSingletonHandler<NormalizeUserCode>()
            .SetOrder(int.MaxValue)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(OpenIddictServerEvents.ExtractEndUserVerificationRequestContext context)
    {
        if (context.Request is { UserCode: { } code } request)
        {
            request.UserCode = code.ToUpperInvariant();
        }

        return ValueTask.CompletedTask;
    }
}
