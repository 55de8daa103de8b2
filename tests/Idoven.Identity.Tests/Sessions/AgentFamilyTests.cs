using Idoven.Identity.Sessions;

namespace Idoven.Identity.Tests.Sessions;

public sealed class AgentFamilyTests
{
    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux")]
    [InlineData(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "Chrome on Windows")]
    [InlineData(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
        "Edge on Windows")]
    [InlineData(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        "Safari on macOS")]
    [InlineData(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            + "CriOS/141.0 Mobile/15E148 Safari/604.1",
        "Chrome on iPhone")]
    [InlineData(
        "Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) "
            + "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        "Samsung Internet on Android")]
    [InlineData("curl/8.9.1", "curl")]
    [InlineData("python-requests/2.32.3", "Python")]
    public void A_known_program_has_its_common_name(string header, string family) => Assert.Equal(family, AgentFamily.Parse(header));

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("Ada Lovelace 1815-12-10")]
    [InlineData("Mozilla/5.0")]
    public void An_unknown_header_is_called_another_program(string header) => Assert.Equal("another program", AgentFamily.Parse(header));

    [Theory, InlineData(null), InlineData(""), InlineData("  ")]
    public void An_absent_or_empty_header_is_null(string? header) => Assert.Null(AgentFamily.Parse(header));

    [Fact]
    public void A_name_fits_its_column_whatever_the_length_of_the_header()
    {
        Assert.Equal("another program", AgentFamily.Parse(new string('x', 100_000) + "Firefox/140.0"));
        Assert.InRange(AgentFamily.Parse("SamsungBrowser/28.0 (CrOS Windows Macintosh Linux Android)")!.Length, 1, AgentFamily.MaxLength);
    }
}
