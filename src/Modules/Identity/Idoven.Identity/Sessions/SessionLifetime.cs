using System.Globalization;

namespace Idoven.Identity.Sessions;

/// <summary>How long a session lasts at most, however often it is used: whoever took a refresh token unseen does not keep it for ever.</summary>
internal sealed record SessionLifetime(TimeSpan Value)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1000);

    public static SessionLifetime Default { get; } = new(TimeSpan.FromDays(180));

    /// <returns>Null where it is no time from an hour to 1000 days.</returns>
    public static SessionLifetime? Read(string? setting) => setting is null
        ? Default
        : TimeSpan.TryParse(setting, CultureInfo.InvariantCulture, out var value) && value >= Shortest && value <= Longest ? new(value) : null;
}
