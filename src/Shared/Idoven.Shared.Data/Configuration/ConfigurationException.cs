namespace Idoven.Shared.Data.Configuration;

/// <summary>The exception for a missing or invalid setting. Its message is one line for the operator: the key, and what to set.</summary>
public sealed class ConfigurationException(string message) : Exception(message);
