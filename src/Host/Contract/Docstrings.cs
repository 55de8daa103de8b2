using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Idoven.Host.Contract;

/// <summary>Reads the docstrings of types and members for the OpenAPI and AsyncAPI documents.</summary>
public static partial class Docstrings
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> Files = new();

    public static string? Find(Type type) => Text(Member(type, $"T:{Name(type)}")?.Element("summary"));

    /// <summary>Returns the docstring of a property, or of the record parameter that declares it.</summary>
    public static string? Find(MemberInfo member)
    {
        var type = member.DeclaringType!;
        return Text(Member(type, $"P:{Name(type)}.{member.Name}")?.Element("summary"))
            ?? Text(Member(type, $"T:{Name(type)}")?.Elements("param")
                .FirstOrDefault(parameter => parameter.Attribute("name")?.Value == member.Name));
    }

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static XElement? Member(Type type, string name) => Files.GetOrAdd(type.Assembly, Read).GetValueOrDefault(name);

    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        return File.Exists(path)
            ? XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value)
            : [];
    }

    private static string? Text(XElement? element) =>
        element is null ? null : Blanks().Replace(
            string.Concat(element.Nodes().Select(Text)), " ").Trim() is { Length: > 0 } text ? text : null;

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => see.Attribute(
            "cref")?.Value.Split('.', ':')[^1] ?? see.Attribute("langword")?.Value ?? "",
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
