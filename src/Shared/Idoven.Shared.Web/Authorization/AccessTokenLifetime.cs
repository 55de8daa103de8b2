using System.Globalization;

namespace Idoven.Shared.Web.Authorization;

/// <summary>
/// Represents how long an access token is valid: the setting <c>Auth:AccessTokenLifetime</c> of the hosts that run the token server.
/// </summary>
public sealed record AccessTokenLifetime
{
    /// <summary>The greatest lifetime that the setting allows. All modules keep their revocations for longer than this.</summary>
    /// <remarks>
    /// The modules read this constant and not the setting, because a host without the token server does not have the setting.
    /// </remarks>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(60);

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    private AccessTokenLifetime(TimeSpan value) => Value = value;

    /// <summary>Gets the lifetime that applies if the setting is missing: ten minutes.</summary>
    public static AccessTokenLifetime Default { get; } = new(TimeSpan.FromMinutes(10));

    public TimeSpan Value { get; }

    /// <summary>Reads the setting.</summary>
    /// <returns>Null if the setting is not a time from one minute to <see cref="Longest"/>.</returns>
    public static AccessTokenLifetime? Read(string? setting) => setting is null
        ? Default
        : TimeSpan.TryParse(setting, CultureInfo.InvariantCulture, out var value)
            && value >= Shortest && value <= Longest ? new(value) : null;
}
