namespace Idoven.Ecgs.Api;

internal static class EcgRoute
{
    /// <summary>A malformed id names nothing: it is answered as an unknown one.</summary>
    public static Guid Id(string text) => Guid.TryParseExact(text, "D", out var id) ? id : Guid.Empty;
}
