namespace Idoven.Drills.Load;

internal enum OperationKind
{
    Token,
    Upload,
    MalformedUpload,
    Delete,
    ReadInsights,
    List,
    Register,
    Activate,
    Erase,
}

/// <summary>Specifies how a request ended for its client.</summary>
internal enum Outcome
{
    /// <summary>The client got a response.</summary>
    Answered,

    /// <summary>The connection was refused, so nothing was sent.</summary>
    Refused,

    /// <summary>The connection broke, or no response came in time: the request may or may not have been carried out.</summary>
    Lost,
}

/// <summary>Represents one request of the load and its outcome.</summary>
internal sealed record Operation
{
    public required OperationKind Kind { get; init; }

    /// <summary>Gets the client or the user that sent the request.</summary>
    public required string Client { get; init; }

    /// <summary>Gets the index of the host that it was sent to.</summary>
    public required int Host { get; init; }

    /// <summary>Seconds since the drill began.</summary>
    public required double Start { get; init; }

    /// <summary>Seconds since the drill began.</summary>
    public required double End { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>Gets the status of the response; null if there is none.</summary>
    public int? Status { get; init; }

    public bool HasRetryAfter { get; init; }

    /// <summary>Gets the <c>Idempotency-Key</c>; null if there is none.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the external id of the uploaded ECG: the same in all requests under one key, otherwise unique.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Gets the id of the ECG in the response or in the path.</summary>
    public Guid? Ecg { get; init; }

    /// <summary>Gets the id of the user in the response or in the path.</summary>
    public Guid? User { get; init; }

    /// <summary>Gets the SHA-256 of the body in hexadecimal; null if there is no body.</summary>
    public string? BodyHash { get; init; }

    /// <summary>Gets the seconds that the request asked the host to wait.</summary>
    public double Waits { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    public double Seconds => End - Start;
}
