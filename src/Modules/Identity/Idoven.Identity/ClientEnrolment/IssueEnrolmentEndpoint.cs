using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.ClientEnrolment;

internal static class IssueEnrolmentEndpoint
{
    public static void MapIssueEnrolment(this IEndpointRouteBuilder clients) => clients.MapPost("{id}/enrolment", Handle)
        .RequireAuthorization(IdentityPolicies.ClientsManage)
        .Audits(ModuleName.Value, AuditActions.IssueEnrolment)
        .WithName("IssueEnrolment")
        .WithSummary("Issue a new enrolment token; earlier ones expire")
        .WithDescription(
            "Only while the client has no credential. Afterwards the client itself changes it, or an operator does on the host.")
        .Idempotent()
        .Returns<EnrolmentResponse>(StatusCodes.Status201Created, "The new enrolment.", EnrolmentResponse.Example)
        .Rejects(StatusCodes.Status409Conflict, "The client has a credential.", IdentityProblems.AlreadyEnrolled);

    private static async Task<Results<Created<EnrolmentResponse>, ProblemHttpResult>> Handle(
        string id, HttpContext context, IssueEnrolmentHandler handler, CancellationToken ct)
    {
        try
        {
            var (isFound, enrolment) = await handler.Handle(id, await JsonBody.ReadKey(context, ct), ct);
            if (!isFound)
            {
                return Problems.NotFound();
            }

            var response = enrolment is null
                ? new EnrolmentResponse(Token: null, ExpiresAt: null)
                : EnrolmentResponse.FromEnrolment(enrolment);
            return TypedResults.Created((string?)null, response);
        }
        catch (ClientEnrolledException)
        {
            return Problems.Conflict(
                IdentityProblems.AlreadyEnrolled,
                "The client has a credential. Only the client itself, or an operator on the host, can change it.");
        }
    }
}
