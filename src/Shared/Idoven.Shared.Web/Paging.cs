using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace Idoven.Shared.Web;

/// <summary>One page of a list.</summary>
/// <param name="Items">The items, at most <c>limit</c>.</param>
/// <param name="Next">The cursor of the following page; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Reads and writes lists by cursor: <c>limit</c> and <c>cursor</c> in, <c>next</c> and <c>Link: rel="next"</c> out.</summary>
public static class Paging
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    /// <param name="list">Identifies the list: its owner and all filters.</param>
    /// <param name="after">The last id of the previous page; null for the first page.</param>
    /// <returns>The error response; null if the parameters are valid.</returns>
    public static ProblemHttpResult? Read(int limit, string? cursor, string list, out Guid? after)
    {
        after = null;
        if (limit is < 1 or > MaxLimit)
        {
            return Problems.BadRequest($"limit must be from 1 to {MaxLimit}.");
        }

        if (cursor is null)
        {
            return null;
        }

        if (!Cursor.TryRead(cursor, list, out var last))
        {
            return Problems.BadRequest("cursor is not from this list with these filters.");
        }

        after = last;
        return null;
    }

    /// <param name="found">The rows: one more than the limit if there is a next page.</param>
    public static Page<TItem> ToPage<T, TItem>(
        HttpContext context, IReadOnlyList<T> found, int limit, string list, Func<T, Guid> id, Func<T, TItem> render)
    {
        var next = found.Count > limit ? Cursor.Write(id(found[limit - 1]), list) : null;
        if (next is not null)
        {
            var query = context.Request.Query.Where(pair => pair.Key != "cursor").Append(new("cursor", next));
            context.Response.Headers.Link = $"<{QueryHelpers.AddQueryString(context.Request.Path, query)}>; rel=\"next\"";
        }

        return new Page<TItem>([.. found.Take(limit).Select(render)], next);
    }
}
