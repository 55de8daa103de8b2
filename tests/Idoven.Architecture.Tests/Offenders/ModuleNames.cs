namespace Offenders.Names;

/// <summary>Is read as if it belonged to the shared projects. It names a module in a comment: Ecgs. AllUsers is not a module.</summary>
internal static class ModuleNames
{
    public const string InString = "Idoven.Users.Contracts";

    public static string Identity => InString;
}
