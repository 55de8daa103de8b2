using System.Diagnostics;
using Idoven.Drills.Faults;
using Idoven.Host.Tests.Parts;

namespace Idoven.Drills.Tests;

public sealed class CatalogTests
{
    [Fact]
    public void There_are_at_least_25_faults_with_names_of_their_own()
    {
        var names = Catalog.All.Select(fault => fault.Name).Where(name => name != "none").ToList();
        Assert.Distinct(names);
        Assert.True(names.Count >= 25, $"there are {names.Count}");
    }

    [Fact]
    public void Every_quick_fault_exists_and_leaves_the_shared_servers_alone() =>
        Assert.All(Catalog.Quick, name => Assert.False(Catalog.Find(name)!.BreaksServers));

    [Fact]
    public void Every_fault_and_every_rule_is_in_the_documentation()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "drills.md"));
        Assert.All(Catalog.All, fault => Assert.Contains($"`{fault.Name}`", text, StringComparison.Ordinal));
        Assert.All(Checking.Rules.All, rule => Assert.Contains($"`{rule.Name}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_patch_is_the_patch_of_a_broken_build()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Idoven.Drills", "Broken"), "*.patch").Select(Path.GetFileName);
        Assert.Equal(BrokenBuilds.All.Select(broken => broken.Patch).Order(), files.Order());
        Assert.All(BrokenBuilds.All, broken =>
        {
            Assert.NotNull(Catalog.Find(broken.Fault));
            Assert.All(broken.Rules, rule => Assert.Contains(rule, Checking.Rules.All.Select(known => known.Name)));
        });
    }

    /// <summary>The drills of each night find it too: here it is found when the lines change.</summary>
    [Fact]
    public void Every_patch_applies()
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
    public void An_option_that_cannot_be_read_is_rejected(params string[] arguments) => Assert.Throws<ArgumentException>(() => Options.Read(arguments));

    [Fact]
    public void Options_are_read()
    {
        var options = Options.Read(["kill-host", "--seed", "7", "--runs", "60", "--minutes", "5", "--quick"]);
        Assert.Equal((7, 60, TimeSpan.FromMinutes(5), true), (options.Seed, options.Runs, options.Duration, options.IsQuick));
        Assert.Equal(["kill-host"], options.Names);
        Assert.Equal(["all"], Options.Read([]).Names);
    }
}
