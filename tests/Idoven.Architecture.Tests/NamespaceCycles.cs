using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idoven.Architecture.Tests;

/// <summary>
/// Finds cycles between the namespaces of a project in its source code: by <c>using</c> directives and by every reference to a type, a
/// constant or an extension method. Compiled code is not enough, because the compiler inlines constants.
/// </summary>
/// <param name="Namespaces">The namespaces that the project declares.</param>
/// <param name="Offenders">Every reference that is part of a cycle: <c>from -&gt; to: file(line) symbol</c>.</param>
internal sealed record NamespaceCycles(IReadOnlyList<string> Namespaces, IReadOnlyList<string> Offenders)
{
    /// <summary>Analyses a project.</summary>
    /// <param name="folder">The folder of the project; <c>bin</c> and <c>obj</c> are left out.</param>
    public static NamespaceCycles Find(string folder)
    {
        var trees = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(path => Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), path: path))
            .ToList();
        var compilation = CSharpCompilation.Create("source", [.. trees, CSharpSyntaxTree.ParseText(ImplicitUsings)], Assemblies.Value);
        var namespaces = trees.SelectMany(DeclaredNamespaces).Distinct().Order(StringComparer.Ordinal).ToList();
        var references = trees.SelectMany(tree => ReferencesIn(tree, compilation, folder))
            .Where(reference => reference.From != reference.To && namespaces.Contains(reference.To))
            .Distinct()
            .ToList();
        var targets = references.ToLookup(reference => reference.From, reference => reference.To);
        var reachable = namespaces.ToDictionary(name => name, name => Reach(name, targets));
        return new NamespaceCycles(
            namespaces,
            [.. references.Where(reference => reachable[reference.To].Contains(reference.From)).Select(reference => $"{reference}")]);
    }

    // What the SDK imports without being asked; without it many types would not be resolved.
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    /// <summary>Every assembly that this test program can load. The project's own types are taken from its source.</summary>
    private static readonly Lazy<IReadOnlyList<MetadataReference>> Assemblies = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Idoven.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    private static IEnumerable<string> DeclaredNamespaces(SyntaxTree tree) =>
        tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Where(HasTypes).Select(FullName);

    private static bool HasTypes(BaseNamespaceDeclarationSyntax declaration) =>
        declaration.Members.Any(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    private static string FullName(BaseNamespaceDeclarationSyntax declaration) =>
        string.Join('.', declaration.AncestorsAndSelf().OfType<BaseNamespaceDeclarationSyntax>().Reverse().Select(part => $"{part.Name}"));

    private static IEnumerable<Reference> ReferencesIn(SyntaxTree tree, Compilation compilation, string folder)
    {
        var model = compilation.GetSemanticModel(tree);
        var root = (CompilationUnitSyntax)tree.GetRoot();
        var declarations = root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Where(HasTypes).ToList();
        foreach (var directive in root.DescendantNodes().OfType<UsingDirectiveSyntax>())
        {
            // A directive belongs to the namespace around it, at the top of a file to all that it declares.
            var around = directive.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault();
            foreach (var from in around is null ? declarations : [around])
            {
                var name = $"{directive.NamespaceOrType}";
                yield return Reference(FullName(from), directive.NamespaceOrType, name, $"using {name}");
            }
        }

        foreach (var name in declarations.SelectMany(declaration => declaration.DescendantNodes()).OfType<SimpleNameSyntax>())
        {
            var info = model.GetSymbolInfo(name);
            var from = FullName(name.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().First());
            foreach (var symbol in info.Symbol is { } found ? [found] : info.CandidateSymbols)
            {
                if (IsOfAType(symbol))
                {
                    var what = symbol.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
                    yield return Reference(from, name, $"{symbol.ContainingNamespace}", what);
                }
            }
        }

        Reference Reference(string from, SyntaxNode node, string to, string what)
        {
            var line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            var file = Path.GetRelativePath(folder, tree.FilePath);
            return new Reference(from, to, string.Create(CultureInfo.InvariantCulture, $"{file}({line}) {what}"));
        }
    }

    /// <summary>Returns whether a symbol is a type, or a member that makes the code depend on its type.</summary>
    private static bool IsOfAType(ISymbol symbol) => symbol switch
    {
        ITypeSymbol { TypeKind: TypeKind.TypeParameter or TypeKind.Dynamic or TypeKind.Error } => false,
        ITypeSymbol => true,
        IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol => symbol.ContainingNamespace is not null,
        _ => false,
    };

    /// <summary>Returns all namespaces that can be reached from one by one reference or more.</summary>
    private static HashSet<string> Reach(string start, ILookup<string, string> targets)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>([start]);
        while (open.TryPop(out var from))
        {
            foreach (var to in targets[from].Where(reached.Add))
            {
                open.Push(to);
            }
        }

        return reached;
    }

    private sealed record Reference(string From, string To, string Where)
    {
        public override string ToString() => $"{From} -> {To}: {Where}";
    }
}
