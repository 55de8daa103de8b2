using Idoven.Shared.Web.Authorization;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Shared.Tests.Http;

public sealed class IssuerKeysTests
{
    /// <summary>
    /// What a reading finds to be due, it does: on record that is the host's, whoever sent the token that had the keys read.
    /// </summary>
    [Fact]
    public async Task A_reading_knows_nothing_of_the_request_that_asked_for_it()
    {
        var request = new AsyncLocal<string?> { Value = "somebody's" };
        var keys = new Watched(() => request.Value);

        await keys.ReadAgain(TestContext.Current.CancellationToken);

        Assert.Equal([null], keys.Seen);
        Assert.Equal("somebody's", request.Value);
    }

    private sealed class Watched(Func<string?> request) : IssuerKeys(TimeProvider.System)
    {
        public List<string?> Seen { get; } = [];

        public override TimeSpan ReadEvery => TimeSpan.FromSeconds(1);

        protected override Task<BaseConfiguration> Read(BaseConfiguration known, CancellationToken ct)
        {
            Seen.Add(request());
            return Task.FromResult(known);
        }
    }
}
