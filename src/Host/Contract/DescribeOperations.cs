using System.Globalization;
using System.Text.Json.Nodes;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Idoven.Host.Contract;

/// <summary>
/// Describes each operation: scopes, body, parameters, and each status with its headers and an example. The texts that are specific to a
/// route come from its metadata.
/// </summary>
internal sealed class DescribeOperations(AccessRules access) : IOpenApiOperationTransformer
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    public async Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var policy = metadata.OfType<IAllowAnonymous>().Any() ? null : metadata.OfType<IAuthorizeData>().Single().Policy;
        var body = metadata.OfType<BodyNote>().SingleOrDefault();
        operation.Responses ??= [];
        operation.Parameters ??= [];
        Secure(operation, policy, context.Document!);
        DescribeParameters(operation, [.. metadata.OfType<ParameterNote>()]);
        foreach (var note in metadata.OfType<ResponseNote>())
        {
            DescribeAnswer(operation, note);
        }

        if (body is not null)
        {
            var schema = await context.GetOrCreateSchemaAsync(body.Type, parameterDescription: null, cancellationToken);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = Json("application/json", Register(context.Document!, body.Type.Name, schema), JsonNode.Parse(body.Example)!),
            };
        }

        var problemSchema = await context.GetOrCreateSchemaAsync(typeof(ProblemBody), parameterDescription: null, cancellationToken);
        var problem = Register(context.Document!, "Problem", problemSchema);
        var rejections = Common(operation, policy, body).Concat(metadata.OfType<RejectionNote>());
        foreach (var status in rejections.GroupBy(rejection => rejection.Status).OrderBy(group => group.Key))
        {
            operation.Responses[status.Key.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join(" Or: ", status.Select(rejection => rejection.When).Distinct()),
                Content = Json(
                    Problems.ContentType, problem,
                    Example(status.Key, status.Select(rejection => rejection.Problem).FirstOrDefault(type => type is not null))),
            };
        }

        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "An unexpected error (500), which is logged under the traceId.",
            Content = Json(Problems.ContentType, problem, Example(StatusCodes.Status500InternalServerError, type: null)),
        };
        foreach (var (status, response) in operation.Responses)
        {
            ((OpenApiResponse)response).Headers = Headers(
                status, isLimited: policy is not null, metadata.OfType<ResponseNote>().Where(note => $"{note.Status}" == status))
                .ToDictionary(name => name, name => (IOpenApiHeader)new OpenApiHeaderReference(name, context.Document!));
        }

        var ordered = operation.Responses.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        operation.Responses.Clear();
        foreach (var (status, response) in ordered)
        {
            operation.Responses.Add(status, response);
        }
    }

    /// <summary>Returns the error responses that follow from the policy, the body and the parameters of an operation.</summary>
    private IEnumerable<RejectionNote> Common(OpenApiOperation operation, string? policy, BodyNote? body)
    {
        if (policy is not null)
        {
            var scopes = string.Join(" or ", access.FindScopes(policy));
            yield return new(
                401, "The request has no valid access token: the token is missing, expired, revoked or from another issuer.", null);
            yield return new(
                403,
                $"The token lacks the scope {scopes}, which WWW-Authenticate names (insufficient_scope), or the role of the user does not "
                + "permit the request.",
                null);
            yield return new(429, "The client has sent too many requests. Retry after the time in Retry-After.", null);
        }

        if (operation.Parameters!.Any(parameter => parameter.In == ParameterLocation.Path))
        {
            yield return new(404, "The caller can access no resource with this id, or the id is malformed.", null);
        }

        if (body is not null)
        {
            yield return new(
                400, "The body is not valid: errors lists the places. Unknown members are rejected, never ignored.", null);
            yield return new(413, "The body exceeds the limit.", null);
            if (policy is null)
            {
                yield return new(429, "The caller's network has too many requests with an unfinished body.", Problems.TooManyInProgress);
            }

            yield return new(415, "The body is not application/json.", null);
        }

        yield return new(503, "The database is unavailable; nothing was stored. Retry after the time in Retry-After.", null);
    }

    /// <summary>Adds one requirement for each sufficient scope; an empty list for an operation without a token.</summary>
    private void Secure(OpenApiOperation operation, string? policy, OpenApiDocument document) => operation.Security =
    [
        .. (policy is null ? [] : access.FindScopes(policy)).Select(scope =>
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiDocument.OAuth2, document)] = [scope] }),
    ];

    private static void DescribeParameters(OpenApiOperation operation, IReadOnlyList<ParameterNote> notes)
    {
        foreach (var note in notes.Where(note => note.IsHeader))
        {
            operation.Parameters!.Add(new OpenApiParameter
            {
                Name = note.Name,
                In = ParameterLocation.Header,
                Required = note.IsRequired,
                Description = note.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = JsonNode.Parse(note.Example),
            });
        }

        foreach (
            var parameter in operation.Parameters!.Cast<OpenApiParameter>().Where(parameter => parameter.In != ParameterLocation.Header))
        {
            // The route's own word stands after its group's.
            var note = notes.LastOrDefault(note => note.Name == parameter.Name && !note.IsHeader)
                ?? throw new InvalidOperationException($"{operation.OperationId}: say with Takes what {parameter.Name} is.");
            var schema = (OpenApiSchema)parameter.Schema!;
            parameter.Description = note.Description;
            parameter.Required |= note.IsRequired;
            parameter.Example = JsonNode.Parse(note.Example);
            schema.Minimum = note.Minimum?.ToString(CultureInfo.InvariantCulture);
            schema.Maximum = note.Maximum?.ToString(CultureInfo.InvariantCulture);
            schema.Enum = note.Values?.Select(value => (JsonNode)JsonValue.Create(value)).ToList();
        }
    }

    private static void DescribeAnswer(OpenApiOperation operation, ResponseNote note)
    {
        var response = operation.Responses![note.Status.ToString(CultureInfo.InvariantCulture)];
        response.Description = note.Description;
        foreach (var (type, media) in response.Content ?? new Dictionary<string, OpenApiMediaType>())
        {
            if (type == "application/json")
            {
                media.Example = JsonNode.Parse(note.Example!);
            }
            else
            {
                var isText = type.StartsWith("text/", StringComparison.Ordinal);
                media.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = isText ? null : "binary" };
            }
        }
    }

    private static IEnumerable<string> Headers(string status, bool isLimited, IEnumerable<ResponseNote> notes)
    {
        IEnumerable<string> limits = isLimited && status is not ("401" or "403") ? ["RateLimit-Policy", "RateLimit"] : [];
        IEnumerable<string> ofStatus = status switch { "401" => ["WWW-Authenticate"], "429" or "503" => ["Retry-After"], _ => [] };
        return limits.Concat(ofStatus).Concat(notes.SelectMany(note => note.Headers)).Prepend("x-request-id");
    }

    private static JsonObject Example(int status, ProblemType? type)
    {
        var problem = Problems.Create(status, detail: null, type);
        var example = new JsonObject { ["type"] = problem.Type, ["title"] = problem.Title, ["status"] = status };
        if (problem.Detail is not null)
        {
            example["detail"] = problem.Detail;
        }

        example["traceId"] = TraceId;
        return example;
    }

    private static OpenApiSchemaReference Register(OpenApiDocument document, string name, OpenApiSchema schema)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas.TryAdd(name, schema);
        return new OpenApiSchemaReference(name, document);
    }

    private static Dictionary<string, OpenApiMediaType> Json(string type, IOpenApiSchema schema, JsonNode example) =>
        new() { [type] = new OpenApiMediaType { Schema = schema, Example = example } };
}
