using System.Text.Json;
using System.Text.Json.Nodes;

namespace Idoven.Identity.TokenServer.Clients;

/// <summary>Represents what OpenIddict does not know about a client. It is stored in the properties of OpenIddict's client.</summary>
internal sealed record ClientState(DateTimeOffset? MadeAt, bool IsEnabled, bool IsEnrolling, int Generation)
{
    public const string CreatedAt = "created_at";
    public const string Enrolling = "enrolling";
    private const string Disabled = "disabled";
    private const string CurrentGeneration = "generation";

    /// <param name="properties">A JSON object; null is read as an empty one.</param>
    public static ClientState Read(string? properties)
    {
        var values = Parse(properties);
        return new ClientState(
            values[CreatedAt]?.Deserialize<DateTimeOffset>(), values[Disabled]?.GetValue<bool>() != true,
            values[Enrolling]?.GetValue<bool>() == true, values[CurrentGeneration]?.GetValue<int>() ?? 0);
    }

    /// <returns>The properties with these values.</returns>
    public static string Write(string? properties, bool isEnabled, int generation)
    {
        var values = Parse(properties);
        (values[Disabled], values[CurrentGeneration]) = (!isEnabled, generation);
        return values.ToJsonString();
    }

    /// <returns>The properties of a client that has a credential.</returns>
    public static string WriteEnrolled(string? properties)
    {
        var values = Parse(properties);
        values.Remove(Enrolling);
        return values.ToJsonString();
    }

    private static JsonObject Parse(string? properties) => JsonNode.Parse(properties ?? "{}")!.AsObject();
}
