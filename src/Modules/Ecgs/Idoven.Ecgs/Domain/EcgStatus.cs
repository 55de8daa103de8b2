namespace Idoven.Ecgs.Domain;

internal enum EcgStatus
{
    Queued,
    Processed,
    Failed,
}

/// <summary>Converts statuses to the texts in tables and responses.</summary>
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

    /// <returns>The status; null if the text is not a status.</returns>
    public static EcgStatus? Parse(string? text)
    {
        foreach (var (status, name) in Texts)
        {
            if (name == text)
            {
                return status;
            }
        }

        return null;
    }
}
