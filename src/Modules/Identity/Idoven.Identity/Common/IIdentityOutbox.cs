using Idoven.Shared.Messaging.Outbox;

namespace Idoven.Identity.Common;

/// <summary>The outbox of this module: a message is stored in the caller's transaction, and published after the commit.</summary>
internal interface IIdentityOutbox : IOutbox;
