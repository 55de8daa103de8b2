using System.Globalization;
using System.Text;
using Idoven.Identity.Pages;
using QRCoder;

namespace Idoven.Identity.TwoFactor;

/// <summary>A QR code as a drawing in the page itself: nothing is loaded, and no script draws it.</summary>
internal static class QrCode
{
    // Its own quiet zone is four modules wide; white on every page, for a camera to read.
    private const string Alternative = "A QR code with the key that stands below it.";

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
        return $"""<svg viewBox="0 0 {size} {size}" width="240" height="240" role="img" aria-label="{Alternative}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path fill="#000" d="{dark.ToString()}"/></svg>""";
    }
}
