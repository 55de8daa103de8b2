namespace Idoven.Ecgs.Application.Accesses;

/// <summary>Represents the access of the current request, or of an operator on the host if there is no request.</summary>
internal interface ICurrentAccess
{
    /// <summary>Sets the ECG that the request accesses, for the row that is logged with the response.</summary>
    void SetEcg(Guid ecgId, string ownerId);

    /// <summary>
    /// Creates the row for an action that stores it in its own transaction. If the request succeeds, the response logs no other row.
    /// </summary>
    EcgAccess CreateRow(string action, Guid ecgId, string ownerId);

    /// <summary>Logs the outcome of the request in the background. Does nothing if it is already logged or has no caller.</summary>
    void Log(string action, string outcome);
}
