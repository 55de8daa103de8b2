namespace Idoven.Ecgs.Application.Accesses;

/// <summary>The actions in the access log. <c>docs/audit.md</c> lists them with their routes.</summary>
internal static class AccessActions
{
    public const string Upload = "ecg.upload";
    public const string List = "ecg.list";
    public const string Read = "ecg.read";
    public const string ReadInsights = "ecg.read_insights";
    public const string ReadBeats = "ecg.read_beats";
    public const string ReadSignal = "ecg.read_signal";
    public const string ReadAccesses = "ecg.read_accesses";
    public const string Reprocess = "ecg.reprocess";
    public const string Delete = "ecg.delete";
    public const string ReadEvents = "event.read";
    public const string ListParked = "parked.list";

    /// <summary>An operator replayed a failed ECG or a parked message.</summary>
    public const string Replay = "parked.replay";

    /// <summary>An operator discarded a parked message.</summary>
    public const string Discard = "parked.discard";

    /// <summary>An operator exported rows of this log, which is possible on the host only.</summary>
    public const string Export = "access.export";
}
