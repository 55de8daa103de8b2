using Idoven.Cli.Recordings.Wfdb;

namespace Idoven.Cli.Recordings;

/// <summary>Knows the kinds of files by their names.</summary>
internal static class RecordingFile
{
    /// <exception cref="BadFileException">It isn't there, is none of them, or is a broken one.</exception>
    /// <exception cref="UsageException">An option for CSV was given for something else.</exception>
    public static IUpload Open(string path, CsvOptions csv, TimeProvider clock)
    {
        try
        {
            var extension = Path.GetExtension(path).ToLowerInvariant();
            if (extension == ".csv")
            {
                return CsvFile.Read(path, csv, clock);
            }

            if (csv != new CsvOptions())
            {
                throw new UsageException("--scale and --fs are for CSV files; the others say it themselves.");
            }

            return extension switch
            {
                ".json" => File.Exists(path) ? new JsonFile(path) : throw new FileNotFoundException(),
                ".hea" => WfdbRecord.Read(path, clock),
                _ when File.Exists(path + ".hea") => WfdbRecord.Read(path + ".hea", clock),
                ".dat" or ".mat" when File.Exists(Path.ChangeExtension(path, ".hea")) => WfdbRecord.Read(Path.ChangeExtension(path, ".hea"), clock),
                _ => throw new BadFileException(path, null, "not a recording that this reads: a WFDB record (.hea, or its name), a .csv or a .json file."),
            };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadFileException(path, null, "there is no such file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(path, null, $"cannot be read: {e.Message}");
        }
    }
}
