using Idoven.Ecgs.Contracts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
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

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddSchemaTransformer<DescribeSchemas>();
        options.AddOperationTransformer<DescribeOperations>();
        options.AddDocumentTransformer((document, context, _) =>
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
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme> { [OAuth2] = Scheme(context.ApplicationServices.GetRequiredService<AccessRules>()) };
            document.Components.Headers = ResponseHeaders.All();
            SchemaForms.Tidy(document.Components.Schemas!);
            return Task.CompletedTask;
        });
    });

    private static OpenApiSecurityScheme Scheme(AccessRules access)
    {
        var token = new Uri("/connect/token", UriKind.Relative);
        return new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.OAuth2,
            Description = "Access tokens live ten minutes. Programs that act for themselves use clientCredentials; people sign in with authorizationCode (PKCE, S256).",
            Flows = new OpenApiOAuthFlows
            {
                ClientCredentials = new OpenApiOAuthFlow { TokenUrl = token, Scopes = Describe(access, ScopeHolders.Machines) },
                AuthorizationCode = new OpenApiOAuthFlow
                {
                    AuthorizationUrl = new Uri("/connect/authorize", UriKind.Relative),
                    TokenUrl = token,
                    RefreshUrl = token,
                    Scopes = Describe(access, ScopeHolders.People),
                },
            },
        };
    }

    private static Dictionary<string, string> Describe(AccessRules access, ScopeHolders holders) =>
        access.Scopes.Where(scope => scope.Holders.HasFlag(holders)).ToDictionary(scope => scope.Name, scope => scope.Description);
}
