using Idoven.Users.Contracts;
using Idoven.Users.Domain;

namespace Idoven.Users.Application;

internal static class UserMessages
{
    /// <summary>Returns the message that tells the other modules what a user is now.</summary>
    public static UserChanged Changed(User user) =>
        new(user.Id, user.Version, user.Username, user.Email, user.IsEnabled, user.TimesDisabled);
}
