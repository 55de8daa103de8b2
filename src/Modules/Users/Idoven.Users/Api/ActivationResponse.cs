using Idoven.Shared.Web;
using Idoven.Users.Domain;

namespace Idoven.Users.Api;

/// <summary>Represents the activation to hand to the user, which is shown only once.</summary>
/// <param name="Url">The page on which the user chooses a password; null if the request was repeated with its key.</param>
/// <param name="Token">The one-time token in the URL; null if the request was repeated with its key.</param>
/// <param name="ExpiresAt">The time at which the token expires; null if it was used.</param>
internal sealed record ActivationResponse(Uri? Url, string? Token, DateTimeOffset? ExpiresAt)
{
    public const string Example =
        """
        {"url":"https://ecg.example.org/account/activate?token=Zm9v","token":"Zm9v","expiresAt":"2026-11-26T09:15:00+00:00"}
        """;

    public static ActivationResponse FromActivation(Activation activation, PublicAddress address) =>
        new(address.Resolve(activation.Path), activation.Token, activation.ExpiresAt);
}
