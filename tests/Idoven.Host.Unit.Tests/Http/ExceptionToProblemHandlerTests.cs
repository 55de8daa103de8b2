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
    public async Task A_fault_of_ours_is_logged_and_tells_nothing()
    {
        var fault = new InvalidOperationException("secret detail");
        var answer = await Handle(fault);

        Assert.Equal((500, "application/problem+json", "/problems/internal-error"), (answer.Status, answer.ContentType, (string?)answer.Body["type"]));
        Assert.DoesNotContain("secret", answer.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["type", "title", "status", "detail", "traceId"], answer.Body.Select(member => member.Key));
        Assert.Equal([fault], errors);
    }

    [Theory, MemberData(nameof(SqlStates.Codes), MemberType = typeof(SqlStates))]
    public async Task A_database_error_is_answered_with_503_and_the_seconds_to_wait_if_it_passes_and_with_500_otherwise(
        string sqlState, bool isUnavailable, bool isTransient)
    {
        var answer = await Handle(new DbUpdateException("", new PostgresException("secret detail", "ERROR", "ERROR", sqlState)));
        (int, string?) expected = isUnavailable ? (503, "5") : isTransient ? (503, "1") : (500, null);
        Assert.Equal(expected, (answer.Status, answer.RetryAfter));
        Assert.DoesNotContain("secret", answer.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(answer.Status == 500, errors.Count == 1);
    }

    [Fact]
    public async Task A_lost_database_connection_is_answered_with_503_and_is_not_logged_as_an_error()
    {
        var answer = await Handle(new InvalidOperationException("", new NpgsqlException("host db.internal")));
        Assert.Equal((503, "5"), (answer.Status, answer.RetryAfter));
        Assert.DoesNotContain("db.internal", answer.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Theory, InlineData(400, "bad-request"), InlineData(413, "too-large"), InlineData(408, "request-timeout")]
    public async Task A_request_that_the_server_could_not_read_keeps_its_status(int status, string name)
    {
        var answer = await Handle(new BadHttpRequestException("Unexpected end of request content.", status));
        Assert.Equal((status, $"/problems/{name}"), (answer.Status, (string?)answer.Body["type"]));
        Assert.Equal(status == 400, answer.Body["detail"]?.GetValue<string>() == "Unexpected end of request content.");
        Assert.Empty(errors);
    }

    private Task<Answer> Handle(Exception exception) =>
        Answer.Of(async context => Assert.True(await new ExceptionToProblemHandler(new Log(errors)).TryHandleAsync(context, exception, TestContext.Current.CancellationToken)));

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
