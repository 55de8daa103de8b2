using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

internal static class GetEcgEndpoint
{
    public static void MapGetEcg(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("{id}", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsRead)
        .LogsAccess(AccessActions.Read)
        .WithName("GetEcg")
        .WithSummary("Read an ECG's metadata and status")
        .WithDescription("The samples are not included; each lead has its own request for them.")
        .Conditional()
        .Returns<EcgResponse>(StatusCodes.Status200OK, "The ECG.", EcgResponse.Example, "ETag");

    private static async Task<Results<Ok<EcgResponse>, StatusCodeHttpResult, ProblemHttpResult>> Handle(
        string id, HttpContext context, CurrentCaller caller, ICurrentAccess access, IEcgs ecgs, CancellationToken ct)
    {
        if (await ecgs.Find(RouteId.Parse(id), caller.Subject, ct) is not { } ecg)
        {
            return Problems.NotFound();
        }

        access.SetEcg(ecg.Id, ecg.OwnerId);

        // Everything that changes about an ECG changes together with its status.
        return Conditional.IsCurrent(context, $"{ecg.Id:N}-{ecg.Status.ToText()}-{ecg.ProcessedAt?.ToUnixTimeMilliseconds()}")
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(EcgResponse.FromEcg(ecg));
    }
}
