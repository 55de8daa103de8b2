using System.Globalization;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents a column in a table with one row for each lead.</summary>
/// <param name="Title">The title.</param>
/// <param name="IsText">Whether the column holds words, which are aligned left; numbers are aligned right.</param>
/// <param name="Format">Formats the cell of a result; null if the result has no value.</param>
public sealed record InsightColumn(string Title, bool IsText, Func<object, string?> Format)
{
    /// <summary>Creates a column of words.</summary>
    public static InsightColumn Text<TResult>(string title, Func<TResult, string?> value) =>
        new(title, IsText: true, result => value((TResult)result));

    /// <summary>Creates a column of integers.</summary>
    public static InsightColumn Integer<TResult>(string title, Func<TResult, long?> value) =>
        new(title, IsText: false, result => value((TResult)result)?.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>Creates a column of numbers, with one decimal below 1,000.</summary>
    public static InsightColumn Number<TResult>(string title, Func<TResult, double?> value) =>
        new(title, IsText: false, result => value((TResult)result) is { } number
            ? number.ToString(Math.Abs(number) < 1000 ? "N1" : "N0", CultureInfo.InvariantCulture)
            : null);
}
