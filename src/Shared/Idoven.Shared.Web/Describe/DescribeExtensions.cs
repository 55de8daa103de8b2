using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web.Describe;

/// <summary>Adds metadata to routes for the OpenAPI document.</summary>
public static class DescribeExtensions
{
    /// <summary>Describes the JSON body of the request.</summary>
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder route, string example) =>
        route.WithMetadata(new BodyNote(typeof(T), example));

    /// <summary>Describes a response with a body.</summary>
    public static RouteHandlerBuilder Returns<T>(
        this RouteHandlerBuilder route, int status, string description, string example, params string[] headers) =>
        route.Produces<T>(status, "application/json").WithMetadata(new ResponseNote(status, description, example, headers));

    /// <summary>Describes a response without a body.</summary>
    public static RouteHandlerBuilder Returns(this RouteHandlerBuilder route, int status, string description, params string[] headers) =>
        route.Produces(status).WithMetadata(new ResponseNote(status, description, Example: null, headers));

    /// <summary>Describes an error response that is specific to this operation.</summary>
    public static RouteHandlerBuilder Rejects(this RouteHandlerBuilder route, int status, string when, ProblemType? problem = null) =>
        route.WithMetadata(new RejectionNote(status, when, problem));

    /// <summary>Describes a parameter of the path or the query; on a group, of every route that has it.</summary>
    public static TBuilder Takes<TBuilder>(
        this TBuilder route, string name, string description, string example,
        int? minimum = null, int? maximum = null, bool isRequired = false,
        params string[] values)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new ParameterNote(name, description, example, minimum, maximum, values.Length == 0
            ? null
            : values, IsRequired: isRequired));

    public static RouteHandlerBuilder TakesHeader(
        this RouteHandlerBuilder route, string name, string description, string example, bool isRequired = false) =>
        route.WithMetadata(new ParameterNote(name, description, example, IsHeader: true, IsRequired: isRequired));

    /// <summary>Describes the header of a request that can be repeated with the same key.</summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder route) => route
        .TakesHeader(
            IdempotencyHeader.Name,
            $"A name for this request, 1 to {IdempotencyHeader.MaxLength} visible ASCII characters. If the request is repeated within "
            + "24 hours with the same key and body, it has no second effect and the response is the same, except that a secret is "
            + "returned only once: then its member is null.",
            "\"7f1d9c52-register-ada\"")
        .Rejects(StatusCodes.Status400BadRequest, "The Idempotency-Key is not valid.")
        .Rejects(StatusCodes.Status404NotFound, "The resource that the earlier request with this key created no longer exists.")
        .Rejects(StatusCodes.Status413PayloadTooLarge, $"The body exceeds the limit ({BodyLimits.SmallBodyBytes} bytes).")
        .Rejects(StatusCodes.Status422UnprocessableEntity, "The Idempotency-Key was used for an earlier request with another body.");

    /// <summary>Describes a read with an ETag, which returns 304 if the client has the current version.</summary>
    public static RouteHandlerBuilder Conditional(this RouteHandlerBuilder route) => route
        .TakesHeader(
            "If-None-Match",
            "The ETag of the version that you have: if it is current, the response is 304 without a body.", "\"\\\"3\\\"\"")
        .Returns(StatusCodes.Status304NotModified, "Your version is current.", "ETag");

    /// <summary>Describes a list that is read by cursor.</summary>
    public static RouteHandlerBuilder Paged(this RouteHandlerBuilder route) => route
        .Takes("limit", "The maximum number of items of a page.", "50", 1, Paging.MaxLimit)
        .Takes(
            "cursor", "The start of the page: the value next of the page before, with the same filters. It is opaque: do not change it.",
            "\"AZOrq8Jr...\"")
        .Rejects(StatusCodes.Status400BadRequest, "A parameter is not valid, or the cursor is not from this list with these filters.");

    /// <summary>Returns the JSON of a page with one item, as an example.</summary>
    public static string PageOf(string item) => $$"""{"items":[{{item}}],"next":null}""";
}
