using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Idoven.Identity.Infrastructure;

internal static class IdleTransaction
{
    /// <summary>
    /// Lets the open transaction wait two minutes for its next statement, instead of the five seconds of all others: keys are generated or
    /// passwords hashed meanwhile, which takes seconds on a busy machine.
    /// </summary>
    public static Task AllowIdleTransaction(this DatabaseFacade database, CancellationToken ct) =>
        database.ExecuteSqlAsync($"set local idle_in_transaction_session_timeout = '2min'", ct);
}
