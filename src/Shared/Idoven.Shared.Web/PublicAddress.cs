namespace Idoven.Shared.Web;

/// <summary>Where the service is reached from outside (<c>Auth:Issuer</c>): links that people are sent begin with it.</summary>
public sealed record PublicAddress(Uri Root)
{
    public Uri Resolve(string relative) => new(Root, relative);
}
