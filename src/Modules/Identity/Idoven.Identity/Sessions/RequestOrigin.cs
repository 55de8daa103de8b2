using System.Net;

namespace Idoven.Identity.Sessions;

/// <summary>Gets where the current request comes from: for throttling, for sessions, and for the record of an activation.</summary>
internal interface IRequestOrigin
{
    /// <summary>Gets the origin of the current request; <see cref="RequestOrigin.None"/> outside of a request.</summary>
    RequestOrigin Current { get; }
}

/// <summary>Represents where a request comes from, and with which program.</summary>
/// <param name="Address">The client's address; null if it is unknown.</param>
/// <param name="Network">
/// The address as text; for IPv6, the first 64 bits, which belong to one customer. Empty if the address is unknown.
/// </param>
/// <param name="Agent">The program, as <see cref="AgentFamily"/> names it; null if the request does not name one.</param>
/// <param name="Device">The browser, if a user signed in on it before; otherwise null.</param>
internal sealed record RequestOrigin(IPAddress? Address, string Network, string? Agent, KnownDevice? Device)
{
    /// <summary>Gets the origin of work that no request started.</summary>
    public static RequestOrigin None { get; } = new(Address: null, Network: "", Agent: null, Device: null);
}

/// <summary>Represents a browser on which users signed in before.</summary>
/// <param name="Id">Created at the first sign-in on it.</param>
/// <param name="Accounts">The accounts that signed in on it, the last one first.</param>
internal sealed record KnownDevice(Guid Id, IReadOnlyList<Guid> Accounts);
