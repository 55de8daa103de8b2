using System.Globalization;

namespace Idoven.Identity.Sessions;

/// <summary>
/// The maximum lifetime of a session, however often it is used. It bounds how long an unnoticed thief can use a refresh token.
/// </summary>
internal sealed record SessionLifetime(TimeSpan Value)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1000);

    public static SessionLifetime Default { get; } = new(TimeSpan.FromDays(180));

    /// <returns>Null if the setting is not a time span from one hour to 1000 days.</returns>
    public static SessionLifetime? Read(string? setting) => setting is null
        ? Default
        : TimeSpan.TryParse(setting, CultureInfo.InvariantCulture, out var value) && value >= Shortest && value <= Longest
            ? new(value)
            : null;
}
