namespace Idoven.Ecgs.Domain;

internal enum EcgStatus
{
    Queued,
    Processed,
    Failed,
}

/// <summary>The states as they are written in tables and answers.</summary>
internal static class EcgStatusText
{
    private static readonly Dictionary<EcgStatus, string> Texts = new()
    {
        [EcgStatus.Queued] = "queued",
        [EcgStatus.Processed] = "processed",
        [EcgStatus.Failed] = "failed",
    };

    public static IEnumerable<string> All => Texts.Values;

    public static string ToText(this EcgStatus status) => Texts[status];

    /// <returns>Null for a text that is no state.</returns>
    public static EcgStatus? Parse(string? text)
    {
        foreach (var (status, its) in Texts)
        {
            if (its == text)
            {
                return status;
            }
        }

        return null;
    }
}
