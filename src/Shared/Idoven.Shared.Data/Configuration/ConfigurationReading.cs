using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Idoven.Shared.Data.Configuration;

public static class ConfigurationReading
{
    /// <summary>Reads and validates the options of a section; the defaults if it is missing.</summary>
    /// <exception cref="ConfigurationException">A setting is unknown, cannot be read, or is not valid.</exception>
    public static T Read<T>(this IConfiguration configuration, string section)
        where T : class, new()
    {
        T options;
        try
        {
            options = configuration.GetSection(section).Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
        }
        catch (InvalidOperationException e)
        {
            throw new ConfigurationException($"{section}: {(e.InnerException as InvalidOperationException ?? e).Message}");
        }

        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true)
            ? options
            : throw new ConfigurationException(
                $"{section}:{string.Join(", ", problems.SelectMany(problem => problem.MemberNames))}: {problems[0].ErrorMessage}");
    }
}
