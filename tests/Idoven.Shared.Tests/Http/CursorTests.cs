using FsCheck;
using FsCheck.Xunit;
using Idoven.Shared.Web;

namespace Idoven.Shared.Tests.Http;

public sealed class CursorTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n\0ü";

    private const string List = "owner\nfilter";

    [Property]
    public void A_cursor_leads_back_to_its_id(Guid id, string? list)
    {
        Assert.True(Cursor.TryRead(Cursor.Write(id, list ?? ""), list ?? "", out var last));
        Assert.Equal(id, last);
    }

    [Property(MaxTest = 20)]
    public void A_cursor_with_any_character_altered_added_or_missing_is_refused(Guid id)
    {
        var cursor = Cursor.Write(id, List);
        for (var place = 0; place < cursor.Length; place++)
        {
            foreach (var other in Alphabet.Where(other => other != cursor[place]))
            {
                AssertRefused($"{cursor[..place]}{other}{cursor[(place + 1)..]}", List);
                AssertRefused($"{cursor[..place]}{other}{cursor[place..]}", List);
            }

            AssertRefused(cursor.Remove(place, 1), List);
        }
    }

    [Property]
    public void Any_other_text_is_refused(string? text) => AssertRefused(text ?? "", List);

    [Theory, InlineData(""), InlineData("owner"), InlineData("owner\nFilter"), InlineData("owner\nfilter\n")]
    public void A_cursor_of_another_list_is_refused(string list) => AssertRefused(Cursor.Write(Guid.CreateVersion7(), List), list);

    private static void AssertRefused(string cursor, string list) => Assert.False(Cursor.TryRead(cursor, list, out _), cursor);
}
