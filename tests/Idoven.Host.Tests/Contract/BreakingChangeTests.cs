using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Contract;

/// <summary>Clients of the released contract still work. docs/api.md documents how it is replaced at a release.</summary>
public sealed class BreakingChangeTests
{
    /// <summary>Changes in memory that break clients, and the report that each must cause.</summary>
    private static readonly (string Name, Action<JsonObject> Change, string Report)[] Offenders =
    [
        ("a path", document => document["paths"]!.AsObject().Remove("/api/v1/events"), "ReadEvents: get /api/v1/events was removed"),
        (
            "an operation", document => document["paths"]!["/api/v1/ecgs/{id}"]!.AsObject().Remove("delete"),
            "DeleteEcg: delete /api/v1/ecgs/{id} was removed"),
        ("a name", document => Upload(document)["operationId"] = "Upload", "SubmitEcg has another operationId"),
        ("a schema's name", document => RenameSchema(document, "EcgResponse", "Ecg"), "components: the schema EcgResponse was removed"),
        ("a status", document => Upload(document)["responses"]!.AsObject().Remove("202"), "SubmitEcg: the status 202 was removed"),
        (
            "a header", document => Upload(document)["responses"]!["202"]!["headers"]!.AsObject().Remove("Location"),
            "SubmitEcg 202 Location was removed"),
        (
            "a media type", document => Signal(document)["responses"]!["200"]!["content"]!.AsObject().Remove("text/csv"),
            "GetSignal 200: the media type text/csv was removed"),
        (
            "a scope", document => Upload(document)["security"]![0]!["oauth2"]!.AsArray().Add("admin"),
            "SubmitEcg: the scope admin is newly required"),
        ("a parameter", document => Remove(Signal(document), "from"), "GetSignal: the parameter from was removed"),
        (
            "a new parameter",
            document => Signal(document)["parameters"]!.AsArray().Add(
                JsonNode.Parse("""{"name":"unit","in":"query","required":true,"schema":{"type":"string"}}""")),
            "GetSignal: the parameter unit is new and required"),
        ("a required parameter", document => Parameter(Signal(document), "from")["required"] = true, "GetSignal from is newly required"),
        (
            "a narrower parameter", document => Parameter(List(document), "limit")["schema"]!["maximum"] = 100,
            "ListEcgs limit has a narrower maximum"),
        (
            "a parameter's value", document => Parameter(List(document), "status")["schema"]!["enum"]!.AsArray().RemoveAt(0),
            "ListEcgs status: the value \"queued\" is no longer accepted"),
        (
            "a member of a request", document => Schema(document, "SubmitEcgRequest")["properties"]!.AsObject().Remove("unit"),
            "SubmitEcg body /unit was removed"),
        (
            "a required member", document => Schema(document, "SubmitEcgRequest")["required"]!.AsArray().Add("unit"),
            "SubmitEcg body /unit is newly required"),
        (
            "a required body",
            document =>
                document["paths"]!["/api/v1/users/{id}/activation"]!["post"]!["requestBody"] = new JsonObject { ["required"] = true },
            "IssueActivation body is newly required"),
        (
            "a narrower member", document => Property(document, "SubmitEcgRequest", "externalId")["maxLength"] = 64,
            "SubmitEcg body /externalId has a narrower maxLength"),
        (
            "a member that must be longer", document => Property(document, "RegisterUserRequest", "username")["minLength"] = 3,
            "RegisterUser body /username has a narrower minLength"),
        (
            "a pattern", document => Property(document, "RegisterUserRequest", "displayName")["pattern"] = "^[a-z]+$",
            "RegisterUser body /displayName has another pattern"),
        (
            "a type that is not accepted", document => Property(document, "SubmitEcgRequest", "gain")["type"] = "number",
            "SubmitEcg body /gain: null is no longer accepted"),
        (
            "a value that is not accepted", document => Property(document, "RegisterUserRequest", "role")["enum"]!.AsArray().RemoveAt(2),
            "RegisterUser body /role: the value \"superadmin\" is no longer accepted"),
        (
            "a member of a response", document => Schema(document, "EcgResponse")["properties"]!.AsObject().Remove("sha256"),
            "SubmitEcg 202 /sha256 was removed"),
        (
            "a nested member of a response", document => Schema(document, "RrSummary")["properties"]!.AsObject().Remove("meanMs"),
            "SubmitEcg 201 /leads items /beats /rr /meanMs was removed"),
        (
            "a member that may be absent", document => Drop(Schema(document, "EcgResponse")["required"]!, "sha256"),
            "SubmitEcg 202 /sha256 may be absent now"),
        (
            "a member that may be null", document => Property(document, "EcgResponse", "ownerId")["type"] = new JsonArray("null", "string"),
            "SubmitEcg 202 /ownerId: null is new as a type"),
        (
            "another type", document => Property(document, "LeadResponse", "samples")["type"] = "string",
            "SubmitEcg 202 /leads items /samples: string is new as a type"),
        (
            "another format", document => Property(document, "EcgResponse", "id").AsObject().Remove("format"),
            "SubmitEcg 202 /id has another format"),
        (
            "a new value in a response", document => Property(document, "EcgResponse", "status")["enum"]!.AsArray().Add("archived"),
            "SubmitEcg 202 /status: the value \"archived\" is new"),
        (
            "a member of every error response", document => Schema(document, "Problem")["properties"]!.AsObject().Remove("traceId"),
            "RegisterUser 400 /traceId was removed"),
    ];

    // docs/releases.md lists them. The 201 response of an upload is the ECG, with the insights in a member. Only beats of an ECG
    // without a sampling frequency have no time, and such beats did not exist before.
    private static readonly string[] Documented =
    [
        "RegisterUser body /username has another pattern",
        .. new[]
        {
            "/engineVersion", "/definitions", "/recording", "/leads items /zeroCrossings", "/leads items /statistics",
            "/leads items /beats",
            "/leads items /quality", "/global", "/notComputed", "/disclaimer",
        }.Select(member => $"SubmitEcg 201 {member} was removed"),
        "GetBeats 200 /samplingFrequency: null is new as a type", "GetBeats 200 /beats items /timeMs: null is new as a type",
        "ChangePassword: the scope account is newly required",
        "ListSessions: the scope account is newly required",
        "EndAllSessions: the scope account is newly required",
        "EndSession: the scope account is newly required",
    ];

    public static TheoryData<string> Names => [.. Offenders.Select(offender => offender.Name)];

    [Fact]
    public void Contract_has_only_the_documented_breaking_changes_since_the_release()
    {
        var changes = BreakingChanges.Between(Read("openapi-v1-released.json"), Read("openapi.json"));

        Assert.Equal(Documented, changes);
    }

    [Theory, MemberData(nameof(Names))]
    public void Breaking_change_is_reported(string offender)
    {
        var (_, change, report) = Offenders.Single(candidate => candidate.Name == offender);
        var (released, current) = (Read("openapi-v1-released.json"), Read("openapi-v1-released.json"));
        change(current);

        Assert.Contains(report, BreakingChanges.Between(released, current));
    }

    [Fact]
    public void Additions_are_not_breaking_changes()
    {
        var (released, current) = (Read("openapi-v1-released.json"), Read("openapi-v1-released.json"));
        current["paths"]!["/api/v1/more"] = new JsonObject();
        Upload(current)["responses"]!["207"] = new JsonObject();
        Upload(current)["security"]!.AsArray().Add(JsonNode.Parse("""{"oauth2":["ecgs:admin"]}"""));
        Schema(current, "EcgResponse")["properties"]!["more"] = new JsonObject { ["type"] = "string" };
        Schema(current, "EcgResponse")["required"]!.AsArray().Add("more");
        Schema(current, "SubmitEcgRequest")["properties"]!["more"] = new JsonObject { ["type"] = "string" };
        Property(current, "SubmitEcgRequest", "externalId")["maxLength"] = 256;
        Property(current, "RegisterUserRequest", "role")["enum"]!.AsArray().Add("auditor");

        Assert.Empty(BreakingChanges.Between(released, current));
    }

    private static JsonObject Read(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", name)))!.AsObject();

    private static JsonNode Upload(JsonObject document) => document["paths"]!["/api/v1/ecgs"]!["post"]!;

    private static JsonNode List(JsonObject document) => document["paths"]!["/api/v1/ecgs"]!["get"]!;

    private static JsonNode Signal(JsonObject document) => document["paths"]!["/api/v1/ecgs/{id}/signal"]!["get"]!;

    private static JsonNode Schema(JsonObject document, string name) => document["components"]!["schemas"]![name]!;

    private static void RenameSchema(JsonObject document, string from, string to)
    {
        var renamed = document.ToJsonString()
            .Replace($"\"{from}\":", $"\"{to}\":", StringComparison.Ordinal)
            .Replace($"/schemas/{from}\"", $"/schemas/{to}\"", StringComparison.Ordinal);
        foreach (var (name, node) in JsonNode.Parse(renamed)!.AsObject())
        {
            document[name] = node!.DeepClone();
        }
    }

    private static JsonNode Property(JsonObject document, string schema, string name) => Schema(document, schema)["properties"]![name]!;

    private static JsonNode Parameter(JsonNode operation, string name) =>
        operation["parameters"]!.AsArray().Single(parameter => parameter!["name"]!.GetValue<string>() == name)!;

    private static void Remove(JsonNode operation, string parameter) =>
        operation["parameters"]!.AsArray().Remove(Parameter(operation, parameter));

    private static void Drop(JsonNode list, string value) =>
        list.AsArray().Remove(list.AsArray().Single(item => item!.GetValue<string>() == value));
}
