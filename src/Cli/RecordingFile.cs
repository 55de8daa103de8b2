using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;
using Idoven.Cli.Recordings.Wfdb;

namespace Idoven.Cli;

/// <summary>Opens a recording; the name of the file determines its format.</summary>
internal static class RecordingFile
{
    /// <summary>Opens a WFDB record, a CSV file or a JSON file.</summary>
    /// <exception cref="BadFileException">The file does not exist, has another format, or is invalid.</exception>
    /// <exception cref="UsageException">There are options for CSV, but the file is not a CSV file.</exception>
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
                throw new UsageException("--scale and --fs are only for CSV files. Other formats contain these values.");
            }

            var header = Path.ChangeExtension(path, ".hea");
            return extension switch
            {
                ".json" => File.Exists(path) ? new JsonFile(path) : throw new FileNotFoundException(),
                ".hea" => WfdbRecord.Read(path, clock),
                _ when File.Exists(path + ".hea") => WfdbRecord.Read(path + ".hea", clock),
                ".dat" or ".mat" when File.Exists(header) => WfdbRecord.Read(header, clock),
                _ => throw new BadFileException(
                    path, null, "Unknown format. Supported are WFDB records (.hea, or the record's name), .csv and .json files."),
            };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadFileException(path, null, "The file does not exist.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(path, null, $"The file cannot be read: {e.Message}");
        }
    }
}
