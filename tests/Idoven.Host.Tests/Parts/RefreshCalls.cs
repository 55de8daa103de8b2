using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using OpenIddict.Server;

namespace Idoven.Host.Tests.Parts;

/// <summary>Uses and changes refresh tokens.</summary>
internal static class RefreshCalls
{
    /// <summary>Uses a refresh token; one of the two results is null.</summary>
    public static async Task<(AppTokens? Tokens, string? Error)> Refresh(this RunningHost host, TestApp app, string token)
    {
        using var response = await host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(app.Refresh(token)));
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return (await response.Content.ReadFromJsonAsync<AppTokens>(), null);
        }

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        return (null, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString());
    }

    /// <summary>Gets the id of the row of a refresh token, without using it.</summary>
    public static Guid TokenId(this RunningHost host, string token)
    {
        var options = host.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue;
        var handler = new JsonWebTokenHandler();
        return Guid.Parse(
            handler.ReadJsonWebToken(handler.DecryptToken(new JsonWebToken(token), options.TokenValidationParameters))
                .GetClaim("oi_tkn_id").Value);
    }

    /// <summary>
    /// Moves every redemption of a user's tokens back by the ten seconds in which a client may use a redeemed token once more.
    /// </summary>
    public static Task EndRetryWindow(this RunningHost host, string subject) => host.Execute(
        $"update identity.tokens set redemption_date = redemption_date - interval '10 seconds' where subject = '{subject}'");
}
