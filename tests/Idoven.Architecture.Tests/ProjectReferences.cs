using System.Xml.Linq;

namespace Idoven.Architecture.Tests;

/// <summary>Represents the references of a project file to projects and to packages.</summary>
internal sealed record ProjectReferences(string Project, IReadOnlyList<string> Projects, IReadOnlyList<string> Others)
{
    public static IReadOnlyList<ProjectReferences> OfTheProduct() =>
        [.. Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.csproj", SearchOption.AllDirectories).Select(Read)];

    /// <summary>Returns the folder of the solution, which contains the folder that the tests run in.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Idoven.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No Idoven.sln above the tests.");
        }

        return folder.FullName;
    }

    /// <summary>Returns the forbidden references, as "from -> to".</summary>
    public static IReadOnlyList<string> Forbidden(IEnumerable<ProjectReferences> projects) =>
        [
            .. from project in projects
               from target in project.Projects
               where !Allows(project.Project, target)
               select $"{project.Project} -> {target}",
        ];

    /// <summary>Returns the projects that must not have references, or no packages, and have some.</summary>
    public static IReadOnlyList<string> NotPure(IEnumerable<ProjectReferences> projects) =>
    [
        .. projects
            .Where(project => MustBePure(project.Project)
                ? project.Projects.Count + project.Others.Count > 0
                : MustNotHavePackages(project.Project) && project.Others.Count > 0)
            .Select(project => project.Project),
    ];

    private static bool Allows(string from, string to) => from switch
    {
        "Idoven.Host" => IsShared(to) || IsModule(to),
        "Idoven.Cli" => to is "Idoven.Ecgs.Analysis" or "Idoven.Ecgs.Accuracy",
        "Idoven.Ecgs.Accuracy" => to == "Idoven.Ecgs.Analysis",
        "Idoven.Shared.Messaging" => to == "Idoven.Shared.Data",
        "Idoven.Shared.Audit" => to is "Idoven.Shared.Data" or "Idoven.Shared.Messaging",
        "Idoven.Shared.Web" => to is "Idoven.Shared.Data" or "Idoven.Shared.Messaging" or "Idoven.Shared.Audit",
        "Idoven.Ecgs" => to == "Idoven.Ecgs.Analysis" || IsShared(to) || IsContracts(to),
        _ when IsModule(from) => IsShared(to) || IsContracts(to),
        _ => false,
    };

    private static bool IsShared(string project) => project.StartsWith("Idoven.Shared.", StringComparison.Ordinal);

    private static bool IsModule(string project) => ProductTypes.Modules.Contains(project);

    private static bool IsContracts(string project) => project.EndsWith(".Contracts", StringComparison.Ordinal);

    private static bool MustNotHavePackages(string project) => project == "Idoven.Ecgs.Accuracy";

    private static bool MustBePure(string project) => IsContracts(project) || project == "Idoven.Ecgs.Analysis";

    private static ProjectReferences Read(string path)
    {
        var items = XDocument.Load(path).Descendants().ToList();
        return new ProjectReferences(
            Path.GetFileNameWithoutExtension(path),
            [.. Includes("ProjectReference").Select(include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')))],
            [.. Includes("PackageReference"), .. Includes("FrameworkReference")]);

        IEnumerable<string> Includes(string element) =>
            items.Where(item => item.Name.LocalName == element).Select(item => item.Attribute("Include")!.Value);
    }
}
