using Idoven.Users.Domain;

namespace Idoven.Users.Tests.Domain;

public sealed class UserTests
{
    private static readonly Activation Pending = Activation.Issue(DateTimeOffset.UnixEpoch);
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Registered_user_is_enabled_and_has_version_1()
    {
        var id = Guid.CreateVersion7();
        var user = User.Register(id, "Ada.Lovelace", "Ada@example.org", "Ada Lovelace ♥", "admin", Pending, Now);

        Assert.Equal((id, "admin", true, 1, Now), (user.Id, user.Role, user.IsEnabled, user.Version, user.CreatedAt));
        Assert.Equal(("Ada.Lovelace", "Ada@example.org", "Ada Lovelace ♥"), (user.Username, user.Email, user.DisplayName));
        Assert.Equal(("ADA.LOVELACE", "ADA@EXAMPLE.ORG"), (user.NormalizedUsername, user.NormalizedEmail));
    }

    [Fact]
    public void Contact_data_may_be_absent()
    {
        var user = Register();
        Assert.Equal((null, null, null), (user.Email, user.NormalizedEmail, user.DisplayName));
    }

    [Theory, InlineData("user"), InlineData("admin"), InlineData("superadmin")]
    public void Known_role_is_accepted(string role) => Assert.Equal(role, Register(role: role).Role);

    [Theory, InlineData(""), InlineData("User"), InlineData("root"), InlineData("user "), InlineData("user,admin")]
    public void Unknown_role_is_rejected(string role) => AssertRejected("role", () => Register(role: role));

    [Theory, InlineData("a"), InlineData("A_b-9.c+d"), InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void Valid_username_is_accepted(string username) => Assert.Equal(username, Register(username).Username);

    [Theory]
    [InlineData("")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    [InlineData("a b")]
    [InlineData(" a")]
    [InlineData("a\n")]
    [InlineData("a\u0000")]
    [InlineData("client:gateway")]
    [InlineData("ada@example.org")]
    [InlineData("ada@")]
    [InlineData("a/b")]
    [InlineData("m\u00fcller")]
    public void Invalid_username_is_rejected(string username) => AssertRejected("username", () => Register(username));

    /// <summary>Tests full-width letters, a Kelvin sign, a Cyrillic a, a ligature and a joiner.</summary>
    [Theory, InlineData("\uff41dmin"), InlineData("\u212aelvin"), InlineData("\u0430dmin"), InlineData("\ufb01n"),
        InlineData("adm\u200din")]
    public void Username_with_look_alike_characters_is_rejected(string username) => AssertRejected("username", () => Register(username));

    [Theory, InlineData("a@b"), InlineData("first.last+tag@mail.example.org"), InlineData("o'hara_{1}!#$%&*/=?^`|~-@a-1.example")]
    public void Valid_email_address_is_stored_unchanged(string email) => Assert.Equal(email, Register(email: email).Email);

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("@b")]
    [InlineData("a@")]
    [InlineData("a b@c")]
    [InlineData("a@b\r\nBcc: c@d")]
    [InlineData("\u0430@example.org")]
    [InlineData("a@b.example,evil@x")]
    [InlineData("<a@b>")]
    [InlineData("oh\"@x")]
    [InlineData("\"a@b\"@example.org")]
    [InlineData("a@b..c")]
    [InlineData("a@.b")]
    [InlineData("a@b.")]
    [InlineData("a..b@c")]
    [InlineData(".a@c")]
    [InlineData("a.@c")]
    [InlineData("a@b@c")]
    [InlineData("a@-b.example")]
    [InlineData("a@b-.example")]
    [InlineData("a@b_c.example")]
    [InlineData("a@[127.0.0.1]")]
    [InlineData("a(comment)@b")]
    [InlineData("Ada <a@b>")]
    [InlineData("a@b;c@d")]
    [InlineData("a@b\0")]
    public void Invalid_email_address_is_rejected(string email) => AssertRejected("email", () => Register(email: email));

    [Theory]
    [InlineData("ada@b\u00fccher.example", "ada@xn--bcher-kva.example")]
    [InlineData("Ada@B\u00dcCHER.example", "Ada@xn--bcher-kva.example")]
    [InlineData("ada@\u65e5\u672c.jp", "ada@xn--wgv71a.jp")]
    public void Internationalised_domain_is_stored_in_ascii(string email, string kept) => Assert.Equal(kept, Register(email: email).Email);

    [Theory, InlineData("ada@-b\u00fccher.example"), InlineData("ada@b\u00fc..example"), InlineData("\u00e4da@b\u00fccher.example")]
    public void Domain_without_an_ascii_form_is_rejected(string email) => AssertRejected("email", () => Register(email: email));

    [Fact]
    public void Email_address_has_a_maximum_length()
    {
        var label = new string('b', 62);
        Assert.NotNull(Register(email: $"{new string('a', 64)}@{label}.{label}.{label}"));
        AssertRejected("email", () => Register(email: $"{new string('a', 65)}@b"));
        AssertRejected("email", () => Register(email: $"{new string('a', 64)}@{label}.{label}.{label}c.d"));
        AssertRejected("email", () => Register(email: $"a@{new string('b', 64)}"));
    }

    [Fact]
    public void Display_name_is_any_text_up_to_200_characters()
    {
        Assert.NotNull(Register(displayName: new string('é', 200)));
        AssertRejected("displayName", () => Register(displayName: new string('é', 201)));
        AssertRejected("displayName", () => Register(displayName: ""));
        AssertRejected("displayName", () => Register(displayName: "a\tb"));
    }

    [Fact]
    public void Usernames_that_differ_only_in_case_are_the_same() =>
        Assert.Equal(Register("ada").NormalizedUsername, Register("ADA").NormalizedUsername);

    [Fact]
    public void Every_change_raises_the_version()
    {
        var user = Register();
        user.RecordActivationIssued(Activation.Issue(Now));
        user.Activate(Now);
        user.SetEnabled(false);
        user.ChangeContact("grace", "a@b", "Ada");

        Assert.Equal((5, false, Now, null), (user.Version, user.IsEnabled, user.ActivatedAt, user.ActivationExpiresAt));
        AssertRejected("email", () => { user.ChangeContact("grace", "a", null); return user; });
    }

    [Fact]
    public void Superadmin_is_the_last_one_if_no_other_is_enabled_and_activated()
    {
        var superadmin = Register(role: "superadmin");
        User disabled = Register("disabled", role: "superadmin"), active = Register("active", role: "superadmin");
        disabled.Activate(Now);
        disabled.SetEnabled(false);
        active.Activate(Now);

        Assert.True(superadmin.IsLastSuperadminOf([superadmin, disabled, Register("pending", role: "superadmin")]));
        Assert.False(superadmin.IsLastSuperadminOf([superadmin, active]));
        Assert.False(Register(role: "admin").IsLastSuperadminOf([]));
    }

    [Fact]
    public void Each_disabling_of_a_user_is_counted()
    {
        var user = Register();
        foreach (var isEnabled in new[] { false, false, true, true, false })
        {
            user.SetEnabled(isEnabled);
        }

        Assert.Equal(2, user.TimesDisabled);
    }

    [Fact]
    public void Activation_is_random_and_expires_after_72_hours()
    {
        var activation = Activation.Issue(Now);

        Assert.Equal(Now.AddHours(72), activation.ExpiresAt);
        Assert.Equal(43, activation.Token.Length);
        Assert.NotEqual(activation.Token, Activation.Issue(Now).Token);
        Assert.Equal(32, Convert.FromBase64String(activation.TokenHash).Length);
        Assert.DoesNotContain(activation.Token, activation.TokenHash, StringComparison.Ordinal);
    }

    private static User Register(string username = "ada", string? email = null, string? displayName = null, string role = "user") =>
        User.Register(Guid.NewGuid(), username, email, displayName, role, Pending, Now);

    private static void AssertRejected(string what, Func<User> register) =>
        Assert.Equal(what, Assert.Throws<UserRuleException>(register).Member);
}
