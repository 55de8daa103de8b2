using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Idoven.Identity.Pages;

/// <summary>
/// HTML that is safe to send. An interpolated string becomes it: what is written between the quotes stays, every value put into it is
/// encoded, and only what is <see cref="Html"/> itself goes in as it is. Attributes stand in double quotes, so a value cannot leave them.
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
