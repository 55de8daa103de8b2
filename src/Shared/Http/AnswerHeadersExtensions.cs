using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Http;

internal static class AnswerHeadersExtensions
{
    /// <summary>Sets headers when the answer begins, whoever gives it: the handling of a failure clears those that were set before.</summary>
    public static void OnAnswer(this HttpContext context, Action<IHeaderDictionary> set) => context.Response.OnStarting(() =>
    {
        set(context.Response.Headers);
        return Task.CompletedTask;
    });
}
