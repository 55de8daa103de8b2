using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web.Describe;

/// <summary>What a route says of itself for the OpenAPI document, beside what its code shows.</summary>
public static class DescribeExtensions
{
    /// <summary>A JSON body.</summary>
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder route, string example) => route.WithMetadata(new BodyNote(typeof(T), example));

    /// <summary>An answer with a body of this form.</summary>
    public static RouteHandlerBuilder Returns<T>(this RouteHandlerBuilder route, int status, string description, string example, params string[] headers) =>
        route.Produces<T>(status, "application/json").WithMetadata(new ResponseNote(status, description, example, headers));

    /// <summary>An answer without a body.</summary>
    public static RouteHandlerBuilder Returns(this RouteHandlerBuilder route, int status, string description, params string[] headers) =>
        route.Produces(status).WithMetadata(new ResponseNote(status, description, Example: null, headers));

    /// <summary>A refusal that only this operation gives.</summary>
    public static RouteHandlerBuilder Rejects(this RouteHandlerBuilder route, int status, string when, ProblemType? problem = null) =>
        route.WithMetadata(new RejectionNote(status, when, problem));

    /// <summary>Describes a parameter of the path or the query; on a group, of every route that has it.</summary>
    public static TBuilder Takes<TBuilder>(
        this TBuilder route, string name, string description, string example, int? minimum = null, int? maximum = null, bool isRequired = false,
        params string[] values)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new ParameterNote(name, description, example, minimum, maximum, values.Length == 0 ? null : values, IsRequired: isRequired));

    public static RouteHandlerBuilder TakesHeader(this RouteHandlerBuilder route, string name, string description, string example, bool isRequired = false) =>
        route.WithMetadata(new ParameterNote(name, description, example, IsHeader: true, IsRequired: isRequired));

    /// <summary>The request may be repeated under its key.</summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder route) => route
        .TakesHeader(
            IdempotencyHeader.Name,
            $"Your own name for this request, 1 to {IdempotencyHeader.MaxLength} visible ASCII characters. Repeated within 24 hours with the same body, nothing "
            + "is done a second time and the answer is the same, except that a secret is shown once only: then its member is null.",
            "\"7f1d9c52-register-ada\"")
        .Rejects(StatusCodes.Status400BadRequest, "The Idempotency-Key breaks its rule.")
        .Rejects(StatusCodes.Status404NotFound, "What the earlier request under this key made is gone.")
        .Rejects(StatusCodes.Status413PayloadTooLarge, $"The body is over the limit ({BodyLimits.SmallBodyBytes} bytes).")
        .Rejects(StatusCodes.Status422UnprocessableEntity, "The Idempotency-Key belongs to an earlier request with another body.");

    /// <summary>A read with an ETag: 304 where the client has it already.</summary>
    public static RouteHandlerBuilder Conditional(this RouteHandlerBuilder route) => route
        .TakesHeader("If-None-Match", "The ETag of what you have: 304 without a body where it is still current.", "\"\\\"3\\\"\"")
        .Returns(StatusCodes.Status304NotModified, "What you have is current.", "ETag");

    /// <summary>A list by cursor.</summary>
    public static RouteHandlerBuilder Paged(this RouteHandlerBuilder route) => route
        .Takes("limit", "How many items a page has at most.", "50", 1, Paging.MaxLimit)
        .Takes("cursor", "Where the page begins: next of the page before, with the same filters. Opaque: never make or change one.", "\"AZOrq8Jr...\"")
        .Rejects(StatusCodes.Status400BadRequest, "A parameter cannot be read, or the cursor is not one that this list with these filters gave out.");

    /// <summary>A page with this one item, as an example.</summary>
    public static string PageOf(string item) => $$"""{"items":[{{item}}],"next":null}""";
}
