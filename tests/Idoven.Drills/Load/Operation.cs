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

/// <summary>How a request ended for its client.</summary>
internal enum Outcome
{
    /// <summary>With a response.</summary>
    Answered,

    /// <summary>No connection could be made, so nothing was sent.</summary>
    Refused,

    /// <summary>The connection broke, or no response came in time: it may or may not have been carried out.</summary>
    Lost,
}

/// <summary>One request of the load and what came of it.</summary>
internal sealed record Operation
{
    public required OperationKind Kind { get; init; }

    /// <summary>The client, or the user, that sent it.</summary>
    public required string Client { get; init; }

    /// <summary>The index of the host it was sent to.</summary>
    public required int Host { get; init; }

    /// <summary>Seconds since the drill began.</summary>
    public required double Start { get; init; }

    /// <summary>Seconds since the drill began.</summary>
    public required double End { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>The status of the response; null without one.</summary>
    public int? Status { get; init; }

    public bool HasRetryAfter { get; init; }

    /// <summary>The <c>Idempotency-Key</c>; null without one.</summary>
    public string? Key { get; init; }

    /// <summary>The external id of the uploaded ECG: the same in all requests under one key, unique otherwise.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The ECG of the response, or of the path.</summary>
    public Guid? Ecg { get; init; }

    /// <summary>The user of the response, or of the path.</summary>
    public Guid? User { get; init; }

    /// <summary>SHA-256 of the body that was sent, in hexadecimal; null without a body.</summary>
    public string? BodyHash { get; init; }

    /// <summary>Seconds that the request itself asked the host to wait.</summary>
    public double Waits { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    public double Seconds => End - Start;
}
