using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Ecgs.Api.Download;

internal static class LeadRejection
{
    /// <summary>Creates the response 400 with the names of the leads.</summary>
    public static ProblemHttpResult Create(Ecg ecg) =>
        Problems.BadRequest($"lead must be one of: {string.Join(", ", ecg.Leads.OrderBy(lead => lead.Number).Select(lead => lead.Name))}.");
}
