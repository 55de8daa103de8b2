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

/// <summary>What is sent is changed, what is absent stays.</summary>
internal sealed class ChangeClientRequest
{
    /// <summary>For people: what it is.</summary>
    [Length(1, ClientName.MaxLength)]
    public string? Name { get; init; }

    /// <summary>Whether it is given tokens.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The public keys that it signs with from now: others of it, and its secrets, end. With null it has no credentials until a secret is made.</summary>
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
            "What is sent is changed, what is absent stays. If-Match carries the ETag of the client as it was read. A disabled client gets no token; "
            + "those that live, people's too that were given to it, are refused within a second, and stay refused when it is enabled again. "
            + "A machine client replaces its own keys, and nothing else, with a token of the scope clients:self; an administrator replaces those of "
            + "clients that may not reach ECGs.")
        .Reads<ChangeClientRequest>("""{"enabled":false}""")
        .TakesHeader("If-Match", "The ETag of the client as you read it, or * for any.", "\"\\\"b7f0\\\"\"", isRequired: true)
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
            return Problems.Forbidden("A client replaces its keys only: an administrator renames, disables and enables it.");
        }

        if (Conditional.IfMatch(context) is not { } isCurrent)
        {
            return await clients.Find(id, ct) is null ? Problems.NotFound() : Problems.PreconditionRequired("Read the client, and send its ETag as If-Match.");
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
