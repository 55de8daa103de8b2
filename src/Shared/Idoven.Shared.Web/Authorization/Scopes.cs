namespace Idoven.Shared.Web.Authorization;

public static class Scopes
{
    public const string OpenId = "openid";
    public const string Account = "account";
    public const string EcgsRead = "ecgs:read";
    public const string EcgsWrite = "ecgs:write";
    public const string UsersRead = "users:read";
    public const string UsersWrite = "users:write";
    public const string ClientsManage = "clients:manage";
    public const string ClientsSelf = "clients:self";
    public const string Operations = "operations";
    public const string EventsRead = "events:read";
    public const string InsightsReadAny = "insights:read:any";
}
