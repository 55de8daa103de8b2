namespace Idoven.Host.Tests.Parts;

/// <summary>Contains tests that check a time limit or keep the machine busy: they run after all others, one at a time.</summary>
[CollectionDefinition(nameof(SerialCollection), DisableParallelization = true)]
public sealed class SerialCollection;
