namespace Idoven.Host.Tests.Parts;

/// <summary>What promises a time, or keeps the machine busy, runs after all others and by itself.</summary>
[CollectionDefinition(nameof(SerialCollection), DisableParallelization = true)]
public sealed class SerialCollection;
