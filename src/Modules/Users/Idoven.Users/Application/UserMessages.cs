using Idoven.Users.Contracts;
using Idoven.Users.Domain;

namespace Idoven.Users.Application;

internal static class UserMessages
{
    /// <summary>Creates the message with the current state of a user for the other modules.</summary>
    public static UserChanged Changed(User user) =>
        new(user.Id, user.Version, user.Username, user.Email, user.IsEnabled, user.TimesDisabled);
}
