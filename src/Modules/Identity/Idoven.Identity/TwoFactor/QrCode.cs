using System.Globalization;
using System.Text;
using Idoven.Identity.Pages;
using QRCoder;

namespace Idoven.Identity.TwoFactor;

/// <summary>Renders a QR code as an inline SVG drawing, so that the page needs neither a script nor another request.</summary>
internal static class QrCode
{
    // The quiet zone of the code is four modules wide. The background is always white, so that cameras can read the code.
    private const string AlternativeText = "A QR code with the key that is shown below.";

    public static Html Render(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var (rows, dark) = (data.ModuleMatrix, new StringBuilder());
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Count; x++)
            {
                if (rows[y][x])
                {
                    dark.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        var size = rows.Count.ToString(CultureInfo.InvariantCulture);
        return $"""
                <svg viewBox="0 0 {size} {size}" width="240" height="240" role="img" aria-label="{AlternativeText}"
                shape-rendering="crispEdges">
                <path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path fill="#000" d="{dark.ToString()}"/></svg>
                """;
    }
}
