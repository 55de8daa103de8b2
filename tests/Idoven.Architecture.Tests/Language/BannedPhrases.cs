using System.Text.RegularExpressions;

namespace Idoven.Architecture.Tests.Language;

/// <summary>Represents a wording that readers of plain technical English stumble over.</summary>
/// <param name="Pattern">A regular expression, matched without regard to case.</param>
/// <param name="Advice">Why it is banned and what to write instead.</param>
/// <param name="Bad">An example that the pattern finds.</param>
/// <param name="Good">The same in plain words, which the pattern does not find.</param>
internal sealed record BannedPhrase(string Pattern, string Advice, string Bad, string Good);

/// <summary>The banned wordings: those of docs/glossary.md that a pattern can find reliably.</summary>
internal static partial class BannedPhrases
{
    public static IReadOnlyList<BannedPhrase> All { get; } =
    [
        new(
            @"\banew\b",
            "archaic: write \"again\" or \"re-created\"",
            "The consumers begin anew.", "The consumers reconnect."),
        new(
            @"\bfor ever\b",
            "archaic: write \"permanently\"",
            "Kept for ever.", "Kept permanently."),
        new(
            @"\b(whoever|whomever|whosoever)\b",
            "archaic: name the caller, client or user",
            "Whoever asks gets 401.", "A caller without a token gets 401."),
        new(
            @"\b(for|of|by|to|from|help|at|than) who\b",
            "name the person: \"a user who ...\"",
            "A link is for who has lost the phone.", "A link is for a user who has lost the phone."),
        new(
            @"\b(nobody|everybody)\b",
            "name them: \"no user\", \"all clients\"",
            "Nobody is signed out.", "No user is signed out."),
        new(
            @"\b(is|are|was|were) over(?=\s*([.,;:)""]|$|(and|or|before|when|by|after)\b))",
            "write \"expired\" or \"ended\"",
            "The token is over.", "The token has expired."),
        new(
            @"\bcounts? (\w+ ){0,2}no more\b|\b(code|link|token|answer) (do|does|did) not count\b",
            "write \"is not valid\"",
            "This code does not count.", "This code is not valid."),
        new(
            @"\b(broker|rabbitmq|database|postgresql|server|host|service)('s)? (is|are|was|were|being) away\b",
            "write \"unavailable\"",
            "The broker is away.", "The broker is unavailable."),
        new(
            @"\b(stands?|stood) (in|at|on|beside|above|below|under|there|here|still|alone|between|behind)\b",
            "write \"is in\", \"is documented in\" or \"flat\"",
            "The reason stands in the document.", "The reason is in the document."),
        new(
            @"(?<!\bthere )\b(is|are|was|were) no (?!(longer|more|less|later|earlier|greater|larger|smaller)\b)[a-z]",
            "write \"is not a\"",
            "The value is no number.", "There is no value: it is not a number, and no longer is."),
        new(
            @"\bnull where\b",
            "write \"null if\"",
            "Null where there is none.", "Null if there is none."),
        new(
            @"\b(is|are|was|were|be|been) (told|said)\b",
            "write \"returns\", \"reports\" or \"logs\"",
            "The client is told so.", "The response says so."),
        new(
            @"\bknows? no\b",
            "write \"does not know\" or \"has no\"",
            "Shared knows no module.", "Shared does not depend on a module."),
        new(
            @"\bshall\b",
            "write \"must\"",
            "It shall not block.", "It must not block."),
        new(
            @"\bon record\b",
            "write \"recorded in the audit log\"",
            "The act is on record.", "The action is recorded in the audit log."),
        new(
            @"\bdue work\b",
            "the term is \"background job\"",
            "Runs due work.", "Runs a background job."),
        new(
            @"\b(postman|waiting room)\b",
            "the terms are \"e-mail sender\" and \"sign-in throttle\"",
            "The postman waits.", "The e-mail sender waits."),
        new(
            @"\bguessers?\b",
            "write \"attacker\"",
            "A guesser is slowed down.", "An attacker is slowed down."),
        new(
            @"\bstrangers?\b",
            "write \"unknown device\" or \"other client\"",
            "A stranger waits longer.", "An unknown device waits longer."),
        new(
            @"\bsecond steps?\b",
            "the term is \"two-factor challenge\"",
            "The second step failed.", "The two-factor challenge failed."),
        new(
            @"\brefus(e|es|al|als|ing)\b",
            "write \"reject\", \"rejection\" or \"error response\"",
            "The service refuses it.", "The service rejects it: connection refused."),
        new(
            @"\b(house|houses)\b|\bdoors?\b(?!\.md)",
            "write \"solution\", \"entry point\" or \"endpoint\"",
            "Every door has a test.", "Every endpoint has a test (doors.md)."),
        new(
            @"\boutlived\b",
            "write \"expired\" or \"past retention\"",
            "Outlived rows are deleted.", "Rows past retention are deleted."),
        new(
            @"\bthe way of (a|an|the)\b",
            "write \"flow\"",
            "The way of an ECG.", "The flow of an ECG."),
        new(
            @"<summary>\s*(What|Who|Whom|Whose|Where|How|Of)\b",
            "begin with a verb or noun: \"Gets\", \"Returns\", \"Represents\"",
            "/// <summary>What was sent.</summary>", "/// <summary>Represents a sent message.</summary>"),
    ];

    /// <summary>Fragments that are left as they are, with the reason. Each must still be in the sources.</summary>
    public static IReadOnlyDictionary<string, string> Accepted { get; } = new Dictionary<string, string>
    {
        ["\"everybody\""] =
            "a value of the setting Auth:RequireSecondFactor",
        ["`everybody`"] =
            "the same value, in the documents",
        ["none, admins or everybody"] =
            "the same value, in the error message for another one",
        ["\"Postman\""] =
            "the name of a product, in the names of programs",
        ["are no normal-to-normal intervals"] =
            "a reason in insight documents: changes with the next engine version",
        ["count_refusal"] =
            "a function in the database: renaming it needs a migration",
        ["refuse-broker"] =
            "the name of a drill, which its reports and commands use",
        ["refuse-database"] =
            "the name of a drill, which its reports and commands use",
    };

    /// <summary>The paths that quote banned wordings: the glossary, which says what to write instead, and this rule.</summary>
    private static readonly string[] Quoting = ["docs/glossary.md", "tests/Idoven.Architecture.Tests/Language"];

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Compiled;

    private static readonly IReadOnlyList<(Regex Pattern, string Advice)> Compiled =
        [.. All.Select(phrase => (new Regex(phrase.Pattern, Options), phrase.Advice))];

    /// <summary>
    /// Returns the banned wordings in a file. An identifier with underscores, such as the name of a test, is read as a sentence.
    /// </summary>
    public static IEnumerable<Offence> Check(SourceFile file)
    {
        if (Quoting.Any(file.IsIn))
        {
            yield break;
        }

        foreach (var (index, line) in file.Lines.Index())
        {
            var judged = Accepted.Keys.Aggregate(line, (rest, fragment) => rest.Replace(fragment, "", StringComparison.Ordinal));
            var text = Underscore().Replace(judged, " ");
            foreach (var (pattern, advice) in Compiled)
            {
                if (pattern.Match(text) is { Success: true, Value: var found })
                {
                    yield return new Offence(file.Path, index + 1, $"\"{found}\": {advice}");
                }
            }
        }
    }

    [GeneratedRegex(@"(?<=\w)_(?=\w)")]
    private static partial Regex Underscore();
}
