using Idoven.Users.Domain;

namespace Idoven.Users.Tests.Domain;

public sealed class UserTests
{
    private static readonly Activation Pending = Activation.Issue(DateTimeOffset.UnixEpoch);
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_registered_user_is_enabled_and_in_its_first_version()
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
    public void There_are_three_roles(string role) => Assert.Equal(role, Register(role: role).Role);

    [Theory, InlineData(""), InlineData("User"), InlineData("root"), InlineData("user "), InlineData("user,admin")]
    public void There_is_no_other_role(string role) => Refused("role", () => Register(role: role));

    [Theory, InlineData("a"), InlineData("A_b-9.c+d"), InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void A_username_is_ascii(string username) => Assert.Equal(username, Register(username).Username);

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
    public void A_username_of_anything_else_is_refused(string username) => Refused("username", () => Register(username));

    /// <summary>Full-width letters, a Kelvin sign, a Cyrillic a, a ligature, a joiner.</summary>
    [Theory, InlineData("\uff41dmin"), InlineData("\u212aelvin"), InlineData("\u0430dmin"), InlineData("\ufb01n"), InlineData("adm\u200din")]
    public void A_username_that_looks_like_another_is_refused(string username) => Refused("username", () => Register(username));

    [Theory, InlineData("a@b"), InlineData("first.last+tag@mail.example.org"), InlineData("o'hara_{1}!#$%&*/=?^`|~-@a-1.example")]
    public void An_email_address_is_kept(string email) => Assert.Equal(email, Register(email: email).Email);

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
    public void What_is_no_email_address_is_refused(string email) => Refused("email", () => Register(email: email));

    [Theory]
    [InlineData("ada@b\u00fccher.example", "ada@xn--bcher-kva.example")]
    [InlineData("Ada@B\u00dcCHER.example", "Ada@xn--bcher-kva.example")]
    [InlineData("ada@\u65e5\u672c.jp", "ada@xn--wgv71a.jp")]
    public void An_internationalised_domain_is_kept_in_ascii(string email, string kept) => Assert.Equal(kept, Register(email: email).Email);

    [Theory, InlineData("ada@-b\u00fccher.example"), InlineData("ada@b\u00fc..example"), InlineData("\u00e4da@b\u00fccher.example")]
    public void What_has_no_ascii_form_is_no_address(string email) => Refused("email", () => Register(email: email));

    [Fact]
    public void An_email_address_has_its_length()
    {
        var label = new string('b', 62);
        Assert.NotNull(Register(email: $"{new string('a', 64)}@{label}.{label}.{label}"));
        Refused("email", () => Register(email: $"{new string('a', 65)}@b"));
        Refused("email", () => Register(email: $"{new string('a', 64)}@{label}.{label}.{label}c.d"));
        Refused("email", () => Register(email: $"a@{new string('b', 64)}"));
    }

    [Fact]
    public void A_display_name_is_any_text_of_its_length()
    {
        Assert.NotNull(Register(displayName: new string('é', 200)));
        Refused("displayName", () => Register(displayName: new string('é', 201)));
        Refused("displayName", () => Register(displayName: ""));
        Refused("displayName", () => Register(displayName: "a\tb"));
    }

    [Fact]
    public void Names_that_differ_in_case_alone_are_one() => Assert.Equal(Register("ada").NormalizedUsername, Register("ADA").NormalizedUsername);

    [Fact]
    public void Every_change_raises_the_version()
    {
        var user = Register();
        user.RecordActivationIssued(Activation.Issue(Now));
        user.Activate(Now);
        user.SetEnabled(false);
        user.ChangeContact("grace", "a@b", "Ada");

        Assert.Equal((5, false, Now, null), (user.Version, user.IsEnabled, user.ActivatedAt, user.ActivationExpiresAt));
        Refused("email", () => { user.ChangeContact("grace", "a", null); return user; });
    }

    [Fact]
    public void How_often_a_user_was_disabled_is_counted()
    {
        var user = Register();
        foreach (var isEnabled in new[] { false, false, true, true, false })
        {
            user.SetEnabled(isEnabled);
        }

        Assert.Equal(2, user.TimesDisabled);
    }

    [Fact]
    public void An_activation_is_random_and_lives_72_hours()
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

    private static void Refused(string what, Func<User> register) => Assert.Equal(what, Assert.Throws<UserRuleException>(register).Member);
}
