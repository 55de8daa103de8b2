namespace Idoven.Shared.Web;

public static class RouteId
{
    /// <summary>A malformed id names nothing: it is answered as an unknown one.</summary>
    public static Guid Parse(string text) => Guid.TryParseExact(text, "D", out var id) ? id : Guid.Empty;
}
