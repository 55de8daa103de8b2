using Microsoft.IdentityModel.Tokens;

namespace Idoven.Shared.Http;

/// <summary>The issuer's keys where the issuer lives in this host, so that checking a token needs no call to itself.</summary>
public interface ISigningKeys
{
    /// <summary>Every key a token may be signed with now: the active one, the next, and those not yet retired.</summary>
    IReadOnlyCollection<SecurityKey> Keys { get; }
}
