namespace Idoven.Shared.Audit;

/// <summary>What a route's act is called on record.</summary>
/// <param name="Module">In whose trail.</param>
public sealed record AuditNote(string Module, string Action);
