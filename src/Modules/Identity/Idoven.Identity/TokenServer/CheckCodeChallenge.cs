using System.Buffers.Text;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Rejects a code challenge that is not a SHA-256 in base64url (RFC 7636, 4.2). No verifier can match it, so the user would sign
/// in without effect.
/// </summary>
internal static class CheckCodeChallenge
{
    private const int HashBytes = 32;
    private const int HashCharacters = 43;

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ValidateAuthorizationRequestContext>()
            .UseInlineHandler(context =>
            {
                if (context.Request.CodeChallenge is { Length: > 0 } challenge && !IsHash(challenge))
                {
                    context.Reject(Errors.InvalidRequest, "code_challenge is not a SHA-256 hash in base64url, which has 43 characters.");
                }

                return default;
            })
            .SetOrder(OpenIddictServerHandlers.Authentication.ValidateProofKeyForCodeExchangeParameters.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    private static bool IsHash(string challenge) =>
        challenge.Length == HashCharacters && Base64Url.IsValid(challenge, out var bytes) && bytes == HashBytes;
}
