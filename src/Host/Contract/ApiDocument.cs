using Idoven.Ecgs.Contracts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.OpenApi;

namespace Idoven.Host.Contract;

/// <summary>Creates the OpenAPI document from the running routes, their metadata and the docstrings.</summary>
internal static class ApiDocument
{
    public const string OAuth2 = "oauth2";

    private const string Description =
        """
        Electrocardiograms (ECGs): upload, insights, events. Measurements with stated definitions: not a medical device.

        Get a token first: `POST /connect/token` with the form `grant_type=client_credentials&client_id=ID&client_secret=SECRET`.
        The token has all scopes that the client is registered for; send `scope` to get fewer. The response lists them in `scope`.
        Send the `access_token` as `Authorization: Bearer TOKEN`; it is valid for ten minutes. The user or client that uploads an
        ECG owns it, and can read no other owner's ECGs. The response to an upload is 202 once the ECG is stored. The analysis
        follows; its end is also published as an event (AsyncAPI document at `/asyncapi/v1.json`).

        Every error response is `application/problem+json` with the same members; its `type` is the address of a page that
        explains it. The checks are made in this order: 401, 403, 404, then 412 and 428. Renew the token only after 401. If a
        token lacks a scope, `WWW-Authenticate` of the 403 names it (`insufficient_scope`). An unknown address returns 404, and an
        unsupported method returns 405 with `Allow`. HEAD is supported wherever GET is, and OPTIONS lists the methods. Within v1,
        members are only added: ignore members that you do not know.
        """;

    private static readonly Dictionary<string, string> Tags = new()
    {
        ["ECGs"] = "Recordings, their samples and the insights computed from them. Each ECG belongs to the caller that uploaded it.",
        ["Events"] = "The public events, in order: a subscriber of the broker reads here what it has missed.",
        ["Users"] = "People. An admin registers a user; the user activates the account.",
        ["Account"] = "The own account: password, second factor, sessions and applications.",
        ["Clients"] = "Machine clients, which get tokens with client_credentials.",
        ["Operations"] = "For operators of the service: messages that could not be handled.",
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
            document.Tags = new HashSet<OpenApiTag>(
                document.Tags?.Select(tag => new OpenApiTag { Name = tag.Name, Description = Tags[tag.Name!] }) ?? []);
            document.Components ??= new OpenApiComponents();
            var access = context.ApplicationServices.GetRequiredService<AccessRules>();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme> { [OAuth2] = Scheme(access) };
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
            Description = "Access tokens are valid for ten minutes. Machine clients use clientCredentials; people sign in with "
                + "authorizationCode (PKCE, S256).",
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
