using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>A device that asks more often than it was told is told to slow down (RFC 8628, 3.5), on whichever host it asks: when it asked last stands with its code.</summary>
internal sealed class LimitPolling(ModuleDatabase<IdentityDbContext> database) : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenContext>
{
    public const int IntervalSeconds = 5;

    // What the network adds to one question and not to the next.
    private const int JitterSeconds = 1;

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ValidateTokenContext>()
            .UseScopedHandler<LimitPolling>()
            .SetOrder(OpenIddictServerHandlers.Protection.ValidateTokenEntry.Descriptor.Order - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(OpenIddictServerEvents.ValidateTokenContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token || context.Principal is not { } code || !code.HasTokenType(TokenTypeIdentifiers.Private.DeviceCode))
        {
            return;
        }

        if (!code.HasPresenter(context.Request?.ClientId ?? ""))
        {
            context.Reject(Errors.InvalidGrant, "The code is another client's."); // Who is told nothing of how it stands.
        }
        else if (Guid.TryParse(code.GetTokenId(), out var id) && await IsTooEarly(id, context.CancellationToken))
        {
            context.Reject(Errors.SlowDown, $"Ask every {IntervalSeconds} seconds at most.");
        }
    }

    /// <summary>Only while the person has not answered: the answer is given at once.</summary>
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

/// <summary>The device is told how often it may ask.</summary>
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

/// <summary>A person may type the code in small letters, too.</summary>
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
