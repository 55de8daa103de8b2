using System.ComponentModel;
using System.Diagnostics;

namespace Idoven.Host.Tests.Parts;

/// <summary>Checks for programs that a test runs and that this machine may lack.</summary>
internal static class Programs
{
    /// <summary>
    /// Skips the test, for a developer who has not installed what it runs; in CI, which installs all of it, the test fails instead.
    /// </summary>
    /// <param name="missing">What is missing and how to install it; null if nothing is.</param>
    public static void SkipIfMissing(string? missing)
    {
        if (missing is not null)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, missing);
            Assert.Fail(missing);
        }
    }

    /// <param name="version">The option that makes the program print its version.</param>
    public static bool IsInstalled(string program, string version = "--version")
    {
        try
        {
            using var probe = Process.Start(
                new ProcessStartInfo(program, version) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            probe.WaitForExit();
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
