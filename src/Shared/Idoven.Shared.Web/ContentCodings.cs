using Microsoft.AspNetCore.Builder;

namespace Idoven.Shared.Web;

/// <summary>The content codings of responses.</summary>
public static class ContentCodings
{
    /// <summary>Gets the names of the codings, in the order of preference.</summary>
    public static IReadOnlyList<string> All { get; } = ["br", "gzip"];

    /// <summary>
    /// Never compresses the responses of a route. The length of a compressed response depends on its content, and an observer of the
    /// encrypted connection sees the length.
    /// </summary>
    public static TBuilder NeverCompress<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(UncompressedResponse.Instance);
}

/// <summary>Marks a route whose responses are never compressed.</summary>
public sealed class UncompressedResponse
{
    private UncompressedResponse()
    {
    }

    /// <summary>Gets the only instance.</summary>
    public static UncompressedResponse Instance { get; } = new();
}
