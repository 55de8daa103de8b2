namespace Idoven.Architecture.Tests;

/// <summary>The rings of Clean Architecture inside a module.</summary>
internal enum Ring
{
    Domain,
    Application,
    Infrastructure,
    Api,
    Consumers,

    /// <summary>The module class and what it composes: sees all rings, and no ring sees it.</summary>
    Composition,
}

/// <summary>
/// Finds the ring of a type. A small module has a folder for each ring. In a module that is arranged by feature, the ring follows from
/// the suffix of the type's name, or from the folder if a whole feature belongs to one ring.
/// </summary>
internal static class Rings
{
    private static readonly (string Suffix, Ring Ring)[] Suffixes =
    [
        ("Endpoint", Ring.Api), ("Endpoints", Ring.Api), ("Page", Ring.Api), ("Pages", Ring.Api), ("Request", Ring.Api),
        ("Response", Ring.Api), ("Verb", Ring.Api), ("Forms", Ring.Api), ("Rejections", Ring.Api), ("Cookie", Ring.Api),
        ("Consumer", Ring.Consumers),
        ("Store", Ring.Infrastructure), ("Row", Ring.Infrastructure), ("Model", Ring.Infrastructure), ("DbContext", Ring.Infrastructure),
        ("Hasher", Ring.Infrastructure), ("Job", Ring.Infrastructure),
        ("Handler", Ring.Application), ("Check", Ring.Application), ("Throttle", Ring.Application), ("Options", Ring.Application),
        ("Exception", Ring.Application), ("Challenges", Ring.Application), ("Enrolment", Ring.Application),
    ];

    /// <summary>Features of which every type belongs to one ring, except the ports: those belong to Application.</summary>
    private static readonly (string Feature, Ring Ring)[] Features =
    [
        ("TokenServer.Endpoints", Ring.Api), ("Pages", Ring.Api),
        ("TokenServer", Ring.Infrastructure), ("Keys", Ring.Infrastructure), ("Mail", Ring.Infrastructure),
        ("Common", Ring.Application),
    ];

    /// <summary>Types whose ring does not follow from their suffix.</summary>
    private static readonly Dictionary<string, Ring> Others = new()
    {
        ["Account"] = Ring.Infrastructure,
        ["AccountChange"] = Ring.Application,
        ["AccountsByName"] = Ring.Infrastructure,
        ["BrowserSession"] = Ring.Api,
        ["ClientCaller"] = Ring.Api,
        ["ClientRules"] = Ring.Application,
        ["DummyVerifier"] = Ring.Infrastructure,
        ["EarlierActivation"] = Ring.Application,
        ["HashingGate"] = Ring.Infrastructure,
        ["HttpRequestOrigin"] = Ring.Api,
        ["IdentityPolicies"] = Ring.Api,
        ["IdentityProblems"] = Ring.Api,
        ["Key"] = Ring.Domain,
        ["KeyLife"] = Ring.Domain,
        ["KeyState"] = Ring.Domain,
        ["KeyUse"] = Ring.Domain,
        ["NewPassword"] = Ring.Api,
        ["Notice"] = Ring.Domain,
        ["QrCode"] = Ring.Api,
        ["RequestOrigin"] = Ring.Application,
        ["ScopeRules"] = Ring.Application,
        ["ScopesOfRole"] = Ring.Domain,
        ["Session"] = Ring.Infrastructure,
        ["SignInFlow"] = Ring.Api,
        ["SignedInSession"] = Ring.Application,
        ["TokenClaims"] = Ring.Application,
    };

    /// <summary>Gets the names of the types that need an entry of their own.</summary>
    public static IReadOnlyCollection<string> Exceptions => Others.Keys;

    /// <summary>Returns the ring of a type; null if the type does not belong to the module, or is a message or a migration of it.</summary>
    /// <param name="fullName">The full name of the type.</param>
    /// <param name="module">The root namespace of the module.</param>
    public static Ring? Find(string fullName, string module)
    {
        if (!ProductTypes.Under(fullName, module) || fullName.Length == module.Length
            || NotOfTheModule.Any(part => ProductTypes.Under(fullName, $"{module}.{part}")))
        {
            return null;
        }

        var outer = fullName[(module.Length + 1)..].Split('/', '+', '`', '<')[0];
        var end = outer.LastIndexOf('.');
        var (folder, name) = end < 0 ? ("", outer) : (outer[..end], outer[(end + 1)..]);
        if (Enum.TryParse<Ring>(folder.Split('.')[0], out var ring))
        {
            return ring;
        }

        if (folder.Length == 0)
        {
            return Ring.Composition;
        }

        if (Others.TryGetValue(name, out ring))
        {
            return ring;
        }

        var isPort = name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]);
        if (isPort)
        {
            return Ring.Application;
        }

        var features = Features.Where(feature => ProductTypes.Under(folder, feature.Feature)).Select(feature => feature.Ring);
        var suffixes = Suffixes.Where(suffix => name.EndsWith(suffix.Suffix, StringComparison.Ordinal)).Select(suffix => suffix.Ring);
        return features.Concat(suffixes).FirstOrDefault(Ring.Domain);
    }

    private static readonly string[] NotOfTheModule = ["Contracts", "Analysis", "Accuracy", "Formats", "Infrastructure.Migrations"];
}
