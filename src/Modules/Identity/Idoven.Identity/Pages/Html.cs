using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Idoven.Identity.Pages;

/// <summary>
/// Represents HTML that is safe to send. It is created from an interpolated string: the literal parts are kept, every value is encoded, and
/// only values of type <see cref="Html"/> are inserted unchanged. Attributes have double quotes, so a value cannot end them.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Html(int literalLength, int formattedCount)
{
    private const int UsualValueLength = 32;
    private readonly StringBuilder text = new(literalLength + (formattedCount * UsualValueLength));

    public void AppendLiteral(string literal) => text.Append(literal);

    public void AppendFormatted(string? value) => text.Append(HtmlEncoder.Default.Encode(value ?? ""));

    public void AppendFormatted(Html? html) => text.Append(html?.text);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (var part in parts)
        {
            text.Append(part.text);
        }
    }

    public override string ToString() => text.ToString();
}
