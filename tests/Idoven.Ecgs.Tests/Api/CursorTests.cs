using FsCheck;
using FsCheck.Xunit;
using Idoven.Ecgs.Api;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Tests.Api;

public sealed class CursorTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n\0ü";

    private static readonly EcgFilter Filter = new(
        "owner", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero),
        EcgStatus.Processed, "external", After: null, Limit: 50);

    [Property]
    public void A_cursor_leads_back_to_its_id(Guid id, string? owner, DateTimeOffset? from, string? externalId)
    {
        var filter = new EcgFilter(owner ?? "", from, null, null, externalId, null, 10);
        Assert.True(Cursor.TryRead(Cursor.Write(id, filter), filter, out var last));
        Assert.Equal(id, last);
    }

    [Fact]
    public void A_cursor_is_good_for_a_page_of_another_size()
    {
        var id = Guid.CreateVersion7();
        Assert.True(Cursor.TryRead(Cursor.Write(id, Filter), Filter with { Limit = 7, After = Guid.NewGuid() }, out _));
    }

    [Property(MaxTest = 20)]
    public void A_cursor_with_any_character_altered_added_or_missing_is_refused(Guid id)
    {
        var cursor = Cursor.Write(id, Filter);
        for (var place = 0; place < cursor.Length; place++)
        {
            foreach (var other in Alphabet.Where(other => other != cursor[place]))
            {
                AssertRefused($"{cursor[..place]}{other}{cursor[(place + 1)..]}", Filter);
                AssertRefused($"{cursor[..place]}{other}{cursor[place..]}", Filter);
            }

            AssertRefused(cursor.Remove(place, 1), Filter);
        }
    }

    [Property]
    public void Any_other_text_is_refused(string? text) => AssertRefused(text ?? "", Filter);

    [Fact]
    public void A_cursor_of_another_list_is_refused()
    {
        var cursor = Cursor.Write(Guid.CreateVersion7(), Filter);
        AssertRefused(cursor, Filter with { OwnerId = "another" });
        AssertRefused(cursor, Filter with { From = Filter.From!.Value.AddTicks(1) });
        AssertRefused(cursor, Filter with { To = null });
        AssertRefused(cursor, Filter with { Status = EcgStatus.Failed });
        AssertRefused(cursor, Filter with { Status = null });
        AssertRefused(cursor, Filter with { ExternalId = "External" });
    }

    private static void AssertRefused(string cursor, EcgFilter filter) => Assert.False(Cursor.TryRead(cursor, filter, out _), cursor);
}
