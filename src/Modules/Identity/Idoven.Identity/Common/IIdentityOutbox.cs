using Idoven.Shared.Messaging.Outbox;

namespace Idoven.Identity.Common;

/// <summary>The outbox of this module: a message is saved in the caller's own transaction, and sent afterwards.</summary>
internal interface IIdentityOutbox : IOutbox;
