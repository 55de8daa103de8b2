using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Clients;

/// <summary>A change of a client. Members that are not sent stay unchanged.</summary>
internal sealed class ChangeClientRequest
{
    /// <summary>The name that users read.</summary>
    [Length(1, ClientName.MaxLength)]
    public string? Name { get; init; }

    /// <summary>Whether the client gets tokens.</summary>
    public bool? Enabled { get; init; }

    /// <summary>
    /// The public keys that the client signs with from now on. They replace its earlier keys and its secrets. With null the client has no
    /// credentials until a secret is created.
    /// </summary>
    public ClientKeys? Jwks { get; init => (field, HasJwks) = (value, true); }

    [JsonIgnore]
    public bool HasJwks { get; private init; }

    public ChangeClient ToCommand() => new(Name, Enabled, HasJwks ? () => Jwks : null);
}

internal static class ChangeClientEndpoint
{
    public static void MapChangeClient(this IEndpointRouteBuilder clients) => clients.MapPatch("{id}", Handle)
        .RequireAuthorization(IdentityPolicies.ClientsChange)
        .Audits(ModuleName.Value, AuditActions.ChangeClient)
        .WithName("ChangeClient")
        .WithSummary("Rename, disable or enable a client, or replace its keys")
        .WithDescription(
            "Members that are not sent stay unchanged. If-Match contains the ETag of the client as it was read. A disabled client gets "
            + "no tokens; its existing tokens, including those of users, are rejected within a second, and stay rejected when it is "
            + "enabled again. A machine client replaces its own keys, and nothing else, with a token with the scope clients:self. An "
            + "administrator replaces the keys of clients without access to ECGs.")
        .Reads<ChangeClientRequest>("""{"enabled":false}""")
        .TakesHeader("If-Match", "The ETag of the client as you read it, or * for any version.", "\"\\\"b7f0\\\"\"", isRequired: true)
        .Returns<ClientResponse>(StatusCodes.Status200OK, "The client as it is now.", ClientResponse.Example, "ETag")
        .Rejects(StatusCodes.Status403Forbidden, "Only the client itself may change its credentials.", IdentityProblems.ClientCredentials)
        .Rejects(StatusCodes.Status412PreconditionFailed, "The client was changed since you read it.")
        .Rejects(StatusCodes.Status428PreconditionRequired, "If-Match is missing.");

    private static async Task<Results<Ok<ClientResponse>, ProblemHttpResult>> Handle(
        string id, HttpContext context, CurrentCaller caller, IClients clients, ChangeClientHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<ChangeClientRequest>(context, ct);
        if (!caller.MaySee(id))
        {
            return Problems.NotFound();
        }

        if (caller.IsMachine && request is not { Name: null, Enabled: null })
        {
            return Problems.Forbidden("A client may only replace its keys; an administrator renames, disables and enables it.");
        }

        if (Conditional.IfMatch(context) is not { } isCurrent)
        {
            return await clients.Find(id, ct) is null
                ? Problems.NotFound()
                : Problems.PreconditionRequired("Read the client, and send its ETag as If-Match.");
        }

        try
        {
            if (await handler.Handle(id, caller.Changer(), request.ToCommand(), isCurrent, ct) is not { } client)
            {
                return Problems.NotFound();
            }

            Conditional.SetTag(context, client.Version);
            return TypedResults.Ok(ClientResponse.FromClient(client));
        }
        catch (ClientRuleException e)
        {
            return Problems.BadRequest("The body is not valid.", new ProblemError(e.Pointer, e.Message));
        }
        catch (ClientStaleException)
        {
            return Problems.PreconditionFailed("The client was changed since you read it.");
        }
        catch (ClientCredentialsException)
        {
            return ClientCaller.CredentialsRejection();
        }
    }
}
