namespace Idoven.Ecgs.Application.Accesses;

/// <summary>The access that is made by the current request, or by an operator on the host where there is no request.</summary>
internal interface ICurrentAccess
{
    /// <summary>Names the ECG that the request reaches, for the row that is logged with its response.</summary>
    void Reach(Guid ecgId, string ownerId);

    /// <summary>
    /// Creates a row that is stored in the transaction of its act. If the request succeeds, its response logs no other one.
    /// </summary>
    EcgAccess Store(string action, Guid ecgId, string ownerId);

    /// <summary>Logs how the request ended, in the background. Does nothing if it is logged already, or names no caller.</summary>
    void Log(string action, string outcome);
}
