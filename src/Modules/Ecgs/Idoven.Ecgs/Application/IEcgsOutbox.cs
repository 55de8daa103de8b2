using Idoven.Shared.Messaging.Outbox;

namespace Idoven.Ecgs.Application;

/// <summary>Represents the outbox of this module: a message is stored in the caller's transaction and sent after its commit.</summary>
internal interface IEcgsOutbox : IOutbox;
