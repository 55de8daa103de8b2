using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

/// <param name="Scopes"><c>ecgs:read</c>, <c>ecgs:write</c>, <c>users:read</c>, <c>users:write</c>.</param>
internal sealed record RegisterClientRequest(string Name, IReadOnlyList<string> Scopes);

/// <param name="CreatedAt">Absent for a client that was made on the host.</param>
/// <param name="LiveSecrets">Two while one is being rotated.</param>
internal record ClientResponse(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? CreatedAt, int LiveSecrets)
{
    public static ClientResponse Of(MachineClient client) => new(client.Id, client.Name, client.Scopes, client.CreatedAt, client.LiveSecrets);
}

/// <param name="Secret">Shown this once.</param>
internal sealed record RegisteredClientResponse(ClientResponse Client, string? Secret) : ClientResponse(Client);

/// <param name="Secret">Shown this once.</param>
internal sealed record ClientSecretResponse(string? Secret);

/// <summary>Machine clients, by who administers them. The <c>sub</c> of their tokens is <c>client:</c> and the id.</summary>
internal static class ClientEndpoints
{
    private const string List = "clients";

    public static void MapClients(this IEndpointRouteBuilder clients)
    {
        Describe(clients.MapPost("", Register), "RegisterClient", "Register a machine client; its secret is shown this once")
            .Produces<RegisteredClientResponse>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        Describe(clients.MapGet("", ListAll), "ListClients", "List the machine clients, in the order of their registration")
            .Produces<Page<ClientResponse>>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        Describe(clients.MapGet("{id}", Get), "GetClient", "Read a machine client")
            .Produces<ClientResponse>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        Describe(clients.MapPost("{id}/secrets", Rotate), "RotateClientSecret", "Add a secret; the one before stays until the next, an older one ends")
            .Produces<ClientSecretResponse>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status404NotFound);
        Describe(clients.MapDelete("{id}", Delete), "DeleteClient", "Remove a machine client and erase all it owns")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) => route
        .RequireAuthorization(Policies.ClientsManage)
        .WithName(name)
        .WithSummary(summary)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden);

    private static async Task<Results<Created<RegisteredClientResponse>, ProblemHttpResult>> Register(
        HttpContext context, RegisterClientHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<RegisterClientRequest>(context.Request, ct);
        try
        {
            var (client, secret) = await handler.Handle(request.Name, request.Scopes, ct);
            return TypedResults.Created($"/api/v1/clients/{client.Id}", new RegisteredClientResponse(ClientResponse.Of(client), secret));
        }
        catch (ClientRuleException e)
        {
            return Problems.BadRequest("The body breaks a rule.", new ProblemError(e.Pointer, e.Message));
        }
    }

    private static async Task<Results<Ok<Page<ClientResponse>>, ProblemHttpResult>> ListAll(
        HttpContext context, IClients clients, string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default) =>
        Paging.Read(limit, cursor, List, out var after) is { } problem
            ? problem
            : TypedResults.Ok(Paging.Of(context, await clients.List(after, limit, ct), limit, List, client => client.Key, ClientResponse.Of));

    private static async Task<Results<Ok<ClientResponse>, ProblemHttpResult>> Get(string id, IClients clients, CancellationToken ct) =>
        await clients.Find(id, ct) is { } client ? TypedResults.Ok(ClientResponse.Of(client)) : Problems.NotFound();

    private static async Task<Results<Created<ClientSecretResponse>, ProblemHttpResult>> Rotate(string id, RotateClientSecretHandler handler, CancellationToken ct) =>
        await handler.Handle(id, ct) is { } secret ? TypedResults.Created((string?)null, new ClientSecretResponse(secret)) : Problems.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string id, DeleteClientHandler handler, CancellationToken ct) =>
        await handler.Handle(id, ct) ? TypedResults.NoContent() : Problems.NotFound();
}
