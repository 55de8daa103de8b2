using System.Diagnostics;
using Idoven.Drills.Faults;
using Idoven.Host.Tests.Parts;

namespace Idoven.Drills.Tests;

public sealed class CatalogTests
{
    [Fact]
    public void There_are_at_least_25_faults_with_distinct_names()
    {
        var names = Catalog.All.Select(fault => fault.Name).Where(name => name != "none").ToList();
        Assert.Distinct(names);
        Assert.True(names.Count >= 25, $"There are only {names.Count} faults.");
    }

    [Fact]
    public void Every_quick_fault_exists_and_does_not_break_the_shared_servers() =>
        Assert.All(Catalog.Quick, name => Assert.False(Catalog.Find(name)!.BreaksServers));

    [Fact]
    public void Every_fault_and_every_rule_is_documented()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "drills.md"));
        Assert.All(Catalog.All, fault => Assert.Contains($"`{fault.Name}`", text, StringComparison.Ordinal));
        Assert.All(Checking.Rules.All, rule => Assert.Contains($"`{rule.Name}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_patch_file_belongs_to_a_broken_build()
    {
        var folder = Path.Combine(Repository.Root, "tests", "Idoven.Drills", "Broken");
        var files = Directory.EnumerateFiles(folder, "*.patch").Select(Path.GetFileName);
        Assert.Equal(BrokenBuilds.All.Select(broken => broken.Patch).Order(), files.Order());
        Assert.All(BrokenBuilds.All, broken =>
        {
            Assert.NotNull(Catalog.Find(broken.Fault));
            Assert.All(broken.Rules, rule => Assert.Contains(rule, Checking.Rules.All.Select(known => known.Name)));
        });
    }

    /// <summary>The nightly drills detect this too; this test detects it as soon as the patched lines change.</summary>
    [Fact]
    public void Every_patch_applies_to_the_sources()
    {
        foreach (var broken in BrokenBuilds.All)
        {
            using var git = Process.Start(new ProcessStartInfo(
                "git", ["apply", "--check", Path.Combine(Repository.Root, "tests", "Idoven.Drills", "Broken", broken.Patch)])
            {
                WorkingDirectory = Repository.Root,
                RedirectStandardError = true,
            })!;
            var errors = git.StandardError.ReadToEnd();
            git.WaitForExit();
            Assert.True(git.ExitCode == 0, $"{broken.Patch}: {errors}");
        }
    }

    [Theory]
    [InlineData("--seed")]
    [InlineData("--seed", "x")]
    [InlineData("--seed", "0")]
    [InlineData("--unknown")]
    public void An_invalid_option_is_rejected(params string[] arguments) => Assert.Throws<ArgumentException>(() => Options.Read(arguments));

    [Fact]
    public void Options_are_parsed()
    {
        var options = Options.Read(["kill-host", "--seed", "7", "--runs", "60", "--minutes", "5", "--quick"]);
        Assert.Equal((7, 60, TimeSpan.FromMinutes(5), true), (options.Seed, options.Runs, options.Duration, options.IsQuick));
        Assert.Equal(["kill-host"], options.Names);
        Assert.Equal(["all"], Options.Read([]).Names);
    }
}
