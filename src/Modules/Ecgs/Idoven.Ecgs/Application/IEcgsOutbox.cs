using Idoven.Shared.Messaging.Outbox;

namespace Idoven.Ecgs.Application;

/// <summary>The outbox of this module: a message is saved in the caller's own transaction, and sent afterwards.</summary>
internal interface IEcgsOutbox : IOutbox;
