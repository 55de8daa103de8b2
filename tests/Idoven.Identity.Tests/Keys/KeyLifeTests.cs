using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Idoven.Identity.Keys;

namespace Idoven.Identity.Tests.Keys;

public sealed class KeyLifeTests
{
    private static readonly DateTimeOffset Born = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly KeyLife Life = new(Active: TimeSpan.FromDays(90), Ahead: TimeSpan.FromDays(7), Retired: TimeSpan.FromDays(15));

    [Fact]
    public void The_first_keys_of_each_use_are_an_active_and_a_next_one()
    {
        var keys = Life.Maintain([], Born);

        Assert.Equal(
            [
                (KeyUse.Signing, KeyState.Active), (KeyUse.Signing, KeyState.Next),
                (KeyUse.Encryption, KeyState.Active), (KeyUse.Encryption, KeyState.Next),
            ],
            keys.Select(key => (key.Use, key.State)));
        Assert.Equal(keys, Life.Maintain(keys, Born.AddDays(89)));
    }

    [Fact]
    public void After_its_time_a_key_is_retired_and_the_next_one_becomes_active()
    {
        var before = Life.Maintain([], Born);

        var after = Life.Maintain(before, Born.AddDays(90));

        Assert.Equal(KeyState.Retired, State(after, One(before, KeyState.Active)));
        Assert.Equal(KeyState.Active, State(after, One(before, KeyState.Next)));
        Assert.DoesNotContain(One(after, KeyState.Next).Id, before.Select(key => key.Id));
    }

    [Fact]
    public void A_retired_key_is_removed_after_its_time()
    {
        var old = Life.Maintain([], Born);
        var keys = Life.Maintain(old, Born.AddDays(90));

        Assert.Contains(One(old, KeyState.Active).Id, Life.Maintain(keys, Born.AddDays(104)).Select(key => key.Id));
        Assert.DoesNotContain(One(old, KeyState.Active).Id, Life.Maintain(keys, Born.AddDays(105)).Select(key => key.Id));
    }

    [Fact]
    public void A_key_is_not_activated_before_it_was_published_for_long_enough()
    {
        var keys = Life.Maintain([], Born);
        var replaced = Life.Revoke(keys, [One(keys, KeyState.Next).Id], Born.AddDays(89));

        Assert.Equal(KeyState.Next, State(Life.Maintain(replaced, Born.AddDays(95)), One(replaced, KeyState.Next)));
        Assert.Equal(KeyState.Active, State(Life.Maintain(replaced, Born.AddDays(96)), One(replaced, KeyState.Next)));
    }

    [Fact]
    public void A_rotation_activates_the_published_next_key()
    {
        var before = Life.Maintain([], Born);

        var after = Life.Rotate(before, Born.AddHours(1));

        Assert.Equal(One(before, KeyState.Next).Id, One(after, KeyState.Active).Id);
        Assert.Equal(KeyState.Retired, State(after, One(before, KeyState.Active)));
        Assert.Equal(6, after.Count);
    }

    [Fact]
    public void A_revoked_key_is_removed_immediately_and_replaced()
    {
        var before = Life.Maintain([], Born);

        var active = Life.Revoke(before, [One(before, KeyState.Active).Id], Born.AddHours(1));
        var all = Life.Revoke(before, [.. before.Select(key => key.Id)], Born.AddHours(1));

        Assert.Equal(One(before, KeyState.Next).Id, One(active, KeyState.Active).Id);
        Assert.Equal(4, active.Count);
        Assert.Empty(all.IntersectBy(before.Select(key => key.Id), key => key.Id));
        Assert.Equal(4, all.Count);
    }

    /// <summary>After any sequence of operations. Also, a rotation does not sign out any user: no key is removed before its time.</summary>
    [Property(MaxTest = 200)]
    public Property Each_use_has_one_active_and_one_next_key_after_any_operations() => Prop.ForAll(
        Gen.Elements('.', '.', '.', '.', '.', '.', '.', '.', '.', '.', 'r', 'a', 'n').ArrayOf(400).ToArbitrary(),
        days =>
        {
            var keys = Life.Maintain([], Born);
            foreach (var (day, operation) in days.Index())
            {
                var (now, before) = (Born.AddDays(day + 1), keys);
                keys = Life.Maintain(
                    operation switch
                    {
                        'r' => Life.Rotate(keys, now),
                        'a' => Life.Revoke(keys, [One(keys, KeyState.Active).Id], now),
                        'n' => Life.Revoke(keys, [One(keys, KeyState.Next).Id], now),
                        _ => keys,
                    },
                    now);
                foreach (var use in Enum.GetValues<KeyUse>())
                {
                    Assert.Single(keys, key => key.Use == use && key.State == KeyState.Active);
                    Assert.Single(keys, key => key.Use == use && key.State == KeyState.Next);
                }

                if (operation is not 'a' and not 'n')
                {
                    var removed = before.ExceptBy(keys.Select(key => key.Id), key => key.Id);
                    Assert.All(removed, key => Assert.True(now - key.RetiredAt >= Life.Retired));
                }

                if (operation == '.')
                {
                    Assert.All(keys.Where(key => key.ActivatedAt == now), active => Assert.True(now - active.CreatedAt >= Life.Ahead));
                }
            }
        });

    private static Key One(IEnumerable<Key> keys, KeyState state) => keys.Single(key => key.Use == KeyUse.Signing && key.State == state);

    private static KeyState State(IEnumerable<Key> keys, Key key) => keys.Single(other => other.Id == key.Id).State;
}
