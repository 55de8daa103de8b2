using Idoven.Host.Http;
using Idoven.Shared.Tests.Http;
using Idoven.Shared.Tests.Persistence;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Host.Unit.Tests.Http;

public sealed class ExceptionToProblemHandlerTests
{
    private readonly List<Exception?> errors = [];

    [Fact]
    public async Task An_unexpected_exception_is_logged_and_its_details_are_not_returned()
    {
        var fault = new InvalidOperationException("secret detail");
        var response = await Handle(fault);

        Assert.Equal(
            (500, "application/problem+json", "/problems/internal-error"),
            (response.Status, response.ContentType, (string?)response.Body["type"]));
        Assert.DoesNotContain("secret", response.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["type", "title", "status", "detail", "traceId"], response.Body.Select(member => member.Key));
        Assert.Equal([fault], errors);
    }

    [Theory, MemberData(nameof(SqlStates.Codes), MemberType = typeof(SqlStates))]
    public async Task A_temporary_database_error_returns_503_with_Retry_After_and_another_returns_500(
        string sqlState, bool isUnavailable, bool isTransient)
    {
        var response = await Handle(new DbUpdateException("", new PostgresException("secret detail", "ERROR", "ERROR", sqlState)));
        (int, string?) expected = isUnavailable ? (503, "5") : isTransient ? (503, "1") : (500, null);
        Assert.Equal(expected, (response.Status, response.RetryAfter));
        Assert.DoesNotContain("secret", response.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(response.Status == 500, errors.Count == 1);
    }

    [Fact]
    public async Task A_lost_database_connection_returns_503_and_is_not_logged_as_an_error()
    {
        var response = await Handle(new InvalidOperationException("", new NpgsqlException("host db.internal")));
        Assert.Equal((503, "5"), (response.Status, response.RetryAfter));
        Assert.DoesNotContain("db.internal", response.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Theory, InlineData(400, "bad-request"), InlineData(413, "too-large"), InlineData(408, "request-timeout")]
    public async Task A_request_that_the_server_could_not_read_keeps_its_status(int status, string name)
    {
        var response = await Handle(new BadHttpRequestException("Unexpected end of request content.", status));
        Assert.Equal((status, $"/problems/{name}"), (response.Status, (string?)response.Body["type"]));
        Assert.Equal(status == 400, response.Body["detail"]?.GetValue<string>() == "Unexpected end of request content.");
        Assert.Empty(errors);
    }

    private Task<RecordedResponse> Handle(Exception exception) => RecordedResponse.Record(async context =>
    {
        var handler = new ExceptionToProblemHandler(new Log(errors));
        Assert.True(await handler.TryHandleAsync(context, exception, TestContext.Current.CancellationToken));
    });

    private sealed class Log(List<Exception?> errors) : ILogger<ExceptionToProblemHandler>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                errors.Add(exception);
            }
        }
    }
}
