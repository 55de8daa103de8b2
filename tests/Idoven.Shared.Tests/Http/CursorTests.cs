using FsCheck;
using FsCheck.Xunit;
using Idoven.Shared.Web;

namespace Idoven.Shared.Tests.Http;

public sealed class CursorTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n\0ü";

    private const string List = "owner\nfilter";

    [Property]
    public void Cursor_round_trips_its_id(Guid id, string? list)
    {
        Assert.True(Cursor.TryRead(Cursor.Write(id, list ?? ""), list ?? "", out var last));
        Assert.Equal(id, last);
    }

    [Property(MaxTest = 20)]
    public void Cursor_with_a_changed_added_or_missing_character_is_rejected(Guid id)
    {
        var cursor = Cursor.Write(id, List);
        for (var index = 0; index < cursor.Length; index++)
        {
            foreach (var other in Alphabet.Where(other => other != cursor[index]))
            {
                AssertRejected($"{cursor[..index]}{other}{cursor[(index + 1)..]}", List);
                AssertRejected($"{cursor[..index]}{other}{cursor[index..]}", List);
            }

            AssertRejected(cursor.Remove(index, 1), List);
        }
    }

    [Property]
    public void Any_other_text_is_rejected(string? text) => AssertRejected(text ?? "", List);

    [Theory, InlineData(""), InlineData("owner"), InlineData("owner\nFilter"), InlineData("owner\nfilter\n")]
    public void Cursor_of_another_list_is_rejected(string list) => AssertRejected(Cursor.Write(Guid.CreateVersion7(), List), list);

    private static void AssertRejected(string cursor, string list) => Assert.False(Cursor.TryRead(cursor, list, out _), cursor);
}
