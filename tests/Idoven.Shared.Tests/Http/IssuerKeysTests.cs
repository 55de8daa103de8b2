using Idoven.Shared.Web.Authorization;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Shared.Tests.Http;

public sealed class IssuerKeysTests
{
    /// <summary>
    /// A reading may change data. The audit log must record this as the host's action, not as that of the request whose token caused it.
    /// </summary>
    [Fact]
    public async Task Reading_of_keys_does_not_run_in_the_context_of_the_request_that_caused_it()
    {
        var request = new AsyncLocal<string?> { Value = "a request" };
        var keys = new Watched(() => request.Value);

        await keys.ReadAgain(TestContext.Current.CancellationToken);

        Assert.Equal([null], keys.Seen);
        Assert.Equal("a request", request.Value);
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
