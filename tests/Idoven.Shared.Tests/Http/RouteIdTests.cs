using Idoven.Shared.Web;

namespace Idoven.Shared.Tests.Http;

public sealed class RouteIdTests
{
    [Fact]
    public void Id_is_parsed() =>
        Assert.Equal(new Guid("0199f1f0-0000-7000-8000-000000000001"), RouteId.Parse("0199F1F0-0000-7000-8000-000000000001"));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0199f1f0000070008000000000000001")]
    [InlineData("{0199f1f0-0000-7000-8000-000000000001}")]
    [InlineData("0199f1f0-0000-7000-8000-00000000000g")]
    public void Invalid_id_is_parsed_as_the_empty_id(string text) => Assert.Equal(Guid.Empty, RouteId.Parse(text));
}
