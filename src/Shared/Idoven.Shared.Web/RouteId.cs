namespace Idoven.Shared.Web;

public static class RouteId
{
    /// <summary>Parses an id. A malformed id becomes the empty one, so that the response is the same as for an unknown id.</summary>
    public static Guid Parse(string text) => Guid.TryParseExact(text, "D", out var id) ? id : Guid.Empty;
}
