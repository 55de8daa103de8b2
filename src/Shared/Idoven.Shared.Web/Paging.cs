using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace Idoven.Shared.Web;

/// <summary>One page of a list.</summary>
/// <param name="Items">At most as many as <c>limit</c> says.</param>
/// <param name="Next">The cursor of the following page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Lists by cursor: <c>limit</c> and <c>cursor</c> in, <c>next</c> and <c>Link: rel="next"</c> out.</summary>
public static class Paging
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    /// <param name="list">Names the list: whose it is, and every filter.</param>
    /// <param name="after">The last id of the page before; null for the first page.</param>
    /// <returns>What is wrong with the request; null where nothing is.</returns>
    public static ProblemHttpResult? Read(int limit, string? cursor, string list, out Guid? after)
    {
        after = null;
        if (limit is < 1 or > MaxLimit)
        {
            return Problems.BadRequest($"limit lies between 1 and {MaxLimit}.");
        }

        if (cursor is null)
        {
            return null;
        }

        if (!Cursor.TryRead(cursor, list, out var last))
        {
            return Problems.BadRequest("cursor is not one that this list with these filters gave out.");
        }

        after = last;
        return null;
    }

    /// <param name="found">One more than the limit where there is a next page.</param>
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
