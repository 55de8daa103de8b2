using Idoven.Shared.Web.Authorization;
using Microsoft.OpenApi;

namespace Idoven.Host.Contract;

/// <summary>The OpenAPI document: made from the running routes, the docstrings, and what each route says of itself.</summary>
internal static class ApiDocument
{
    public const string OAuth2 = "oauth2";

    private const string Description =
        """
        Electrocardiograms (ECGs): upload, insights, events. Measurements with stated definitions: not a medical device.

        Begin with a token: `POST /connect/token` with the form `grant_type=client_credentials&client_id=ID&client_secret=SECRET`.
        It has all scopes that the client is registered for; send `scope` for fewer. The response names them in `scope`. Send the
        `access_token` as `Authorization: Bearer TOKEN`; it lives ten minutes. The user or client that uploads an ECG owns it, and sees no other's.
        An upload is answered with 202 once it is stored; its insights follow, and so does an event (AsyncAPI document at
        `/asyncapi/v1.json`).

        Every refusal is `application/problem+json` with the same members; its `type` is the address of a page that explains it. Refusals come in this order: 401, 403,
        404, then 412 and 428. Renew the token only after 401. If a token lacks a scope, `WWW-Authenticate` of the 403 names it
        (`insufficient_scope`). An address that does not exist is answered with 404, and a method that an address does not have with
        405 and `Allow`. HEAD works wherever GET does, and OPTIONS names the methods. Within v1 changes only add: ignore members that
        you do not know.
        """;

    private static readonly Dictionary<string, string> Tags = new()
    {
        ["ECGs"] = "Recordings, their samples and what was computed from them. Each belongs to whoever uploaded it.",
        ["Events"] = "What happened to ECGs, in order: refills what a subscriber of the broker missed.",
        ["Users"] = "People: registered by an admin, activated by themselves.",
        ["Account"] = "One's own password and sessions.",
        ["Clients"] = "Programs that act for themselves with client_credentials.",
        ["Operations"] = "For whoever runs the service: messages that could not be handled.",
    };

    private static readonly string[] OfMachines =
        [Scopes.EcgsRead, Scopes.EcgsWrite, Scopes.UsersRead, Scopes.UsersWrite, Scopes.ClientsSelf];

    private static readonly string[] OnHost = [Scopes.EventsRead, Scopes.InsightsReadAny];

    private static readonly Dictionary<string, string> ScopeWords = new()
    {
        [Scopes.EcgsRead] = "Read own ECGs, samples and insights.",
        [Scopes.EcgsWrite] = "Upload and delete own ECGs.",
        [Scopes.EventsRead] = "Read the public events; granted on the host only.",
        [Scopes.InsightsReadAny] = "Read the insights of every owner, each time on record; granted on the host only.",
        [Scopes.UsersRead] = "Read users: oneself, or those one administers.",
        [Scopes.UsersWrite] = "Register and change users one administers; change oneself.",
        [Scopes.ClientsManage] = "Register, rotate and remove machine clients.",
        [Scopes.ClientsSelf] = "Read oneself and change one's own credentials, as a machine client.",
        [Scopes.Operations] = "Look after parked messages.",
        [Scopes.OpenId] = "An id token, and the user's id at /connect/userinfo.",
        [Scopes.Account] = "Manage the own account; granted on the host only, to the service's own applications.",
        ["offline_access"] = "A refresh token.",
    };

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddSchemaTransformer<DescribeSchemas>();
        options.AddOperationTransformer<DescribeOperations>();
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Idoven",
                Version = "v1",
                Description = Description,
                License = new OpenApiLicense { Name = Licence.Name, Identifier = Licence.Identifier },
            };
            document.Servers = [new OpenApiServer { Url = "/", Description = "The host that serves this document." }];
            document.Tags = new HashSet<OpenApiTag>(document.Tags?.Select(tag => new OpenApiTag { Name = tag.Name, Description = Tags[tag.Name!] }) ?? []);
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme> { [OAuth2] = Scheme() };
            document.Components.Headers = ResponseHeaders.All();
            SchemaForms.Tidy(document.Components.Schemas!);
            return Task.CompletedTask;
        });
    });

    private static OpenApiSecurityScheme Scheme()
    {
        var token = new Uri("/connect/token", UriKind.Relative);
        return new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.OAuth2,
            Description = "Access tokens live ten minutes. Programs that act for themselves use clientCredentials; people sign in with authorizationCode (PKCE, S256).",
            Flows = new OpenApiOAuthFlows
            {
                ClientCredentials = new OpenApiOAuthFlow { TokenUrl = token, Scopes = Describe([.. OfMachines, .. OnHost]) },
                AuthorizationCode = new OpenApiOAuthFlow
                {
                    AuthorizationUrl = new Uri("/connect/authorize", UriKind.Relative),
                    TokenUrl = token,
                    RefreshUrl = token,
                    Scopes = Describe([.. ScopeWords.Keys.Except([.. OnHost, Scopes.ClientsSelf])]),
                },
            },
        };
    }

    private static Dictionary<string, string> Describe(params string[] scopes) => scopes.ToDictionary(scope => scope, scope => ScopeWords[scope]);
}
