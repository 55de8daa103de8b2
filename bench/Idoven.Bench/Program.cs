using BenchmarkDotNet.Running;
using Idoven.Bench;

// docs/speed.md describes each mode.
switch (args)
{
    case ["--quick", .. var which]:
        Quick.Run(which);
        return 0;
    case ["--results", var folder]:
        Results.Write(folder);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
