namespace Idoven.Shared.Web;

/// <summary>The public address of the service (<c>Auth:Issuer</c>), with which links in e-mails begin.</summary>
public sealed record PublicAddress(Uri Root)
{
    public Uri Resolve(string relative) => new(Root, relative);
}
