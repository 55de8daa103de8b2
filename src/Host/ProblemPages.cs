namespace Idoven.Host;

internal static class ProblemPages
{
    /// <summary>Every <c>type</c> of a problem body is an address that explains it: <c>docs/problems/NAME.md</c>.</summary>
    public static void MapProblemPages(this IEndpointRouteBuilder app) =>
        app.MapGet("/problems/{name}", (string name) =>
            typeof(ProblemPages).Assembly.GetManifestResourceStream($"problems.{name}.md") is { } page
                ? Results.Stream(page, "text/markdown; charset=utf-8")
                : Results.NotFound())
            .AllowAnonymous()
            .ExcludeFromDescription();
}
