using Idoven.Shared.Web;
using Idoven.Users.Domain;

namespace Idoven.Users.Api;

/// <summary>Shown once, to be handed to the user.</summary>
/// <param name="Url">The page on which the user chooses a password; null where the request is repeated under its key.</param>
/// <param name="Token">The one-time token in it; null where the request is repeated.</param>
/// <param name="ExpiresAt">When the token ends; null where it was used since.</param>
internal sealed record ActivationResponse(Uri? Url, string? Token, DateTimeOffset? ExpiresAt)
{
    public const string Example =
        """
        {"url":"https://ecg.example.org/account/activate?token=Zm9v","token":"Zm9v","expiresAt":"2026-11-26T09:15:00+00:00"}
        """;

    public static ActivationResponse FromActivation(Activation activation, PublicAddress address) =>
        new(address.Resolve(activation.Path), activation.Token, activation.ExpiresAt);
}
