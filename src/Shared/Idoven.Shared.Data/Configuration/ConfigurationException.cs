namespace Idoven.Shared.Data.Configuration;

/// <summary>A missing or weak setting. Its message is the one line an operator reads: which key, what to give.</summary>
public sealed class ConfigurationException(string message) : Exception(message);
