namespace Idoven.Ecgs.Api.Upload;

/// <summary>Represents the limits of one upload.</summary>
/// <param name="MaxSamples">The maximum number of samples of all leads together.</param>
/// <param name="MaxBodyBytes">The maximum length of the body in bytes, both compressed and decompressed.</param>
internal sealed record UploadLimits(long MaxSamples, long MaxBodyBytes)
{
    public const int MaxLeads = 64;
}
