using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Idoven.Host.Contract;

/// <summary>Describes the headers of responses. A header that not every response has is not required.</summary>
internal static class ResponseHeaders
{
    private static readonly Dictionary<string, (string Description, string Example, bool IsAlways)> Known = new()
    {
        ["x-request-id"] = ("This request's name in our logs.", "0HNH2V3D0C5KQ:00000001", true),
        ["WWW-Authenticate"] = ("Bearer, and what was wrong with the token where one was sent.", "Bearer error=\"invalid_token\"", true),
        ["RateLimit-Policy"] = ("How much a client may ask: q requests in w seconds.", "\"client\";q=2000;w=4", true),
        ["RateLimit"] = ("What is left: r requests now, all of them again in t seconds.", "\"client\";r=1999;t=1", true),
        ["Retry-After"] = ("The number of seconds to wait.", "1", true),
        ["Location"] = ("The address of the created resource.", "/api/v1/ecgs/01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f", true),
        ["ETag"] = (
            "The version of the resource: send it in If-None-Match to read it only if it changed, or in If-Match to change it. "
            + "In a compressed response it is weak and names the coding: W/\"3-gzip\" or W/\"3-br\".",
            "\"3\"",
            true),
        ["Link"] = (
            "The address of the next page, rel=\"next\"; absent on the last page.",
            "</api/v1/ecgs?cursor=AZOrq8Jr...>; rel=\"next\"",
            false),
        ["Preference-Applied"] = ("The longest time that the request could wait; present only if Prefer asked for it.", "wait=10", false),
    };

    /// <summary>Returns all headers, for the components of the document.</summary>
    public static Dictionary<string, IOpenApiHeader> All() =>
        Known.ToDictionary(header => header.Key, header => (IOpenApiHeader)new OpenApiHeader
        {
            Description = header.Value.Description,
            Required = header.Value.IsAlways,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Example = JsonValue.Create(header.Value.Example),
        });
}
