namespace Idoven.Ecgs.Api.Upload;

/// <summary>How much one upload may bring.</summary>
/// <param name="MaxSamples">Samples of all leads together.</param>
/// <param name="MaxBodyBytes">Bytes of the body, packed and unpacked.</param>
internal sealed record UploadLimits(long MaxSamples, long MaxBodyBytes)
{
    public const int MaxLeads = 64;
}
