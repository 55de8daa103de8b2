using System.Globalization;
using System.Net;
using System.Text.Json;
using Idoven.Drills.Running;

namespace Idoven.Drills.Load;

/// <summary>Registers users, activates them, uploads as them, and deletes most of them.</summary>
internal sealed class Administrator(IReadOnlyList<DrillHost> hosts, History history, Random random) : IDisposable
{
    private const string Password = "correct horse battery staple";
    private const string UsersRoute = "/api/v1/users";
    private const int FinishSeconds = 20;
    private const int ActivationAttempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly Caller caller = new("admin", hosts, history, random);
    private readonly string run = random.Next(1_000_000).ToString(CultureInfo.InvariantCulture);
    private string token = "";
    private int number;

    public void Dispose() => caller.Dispose();

    public async Task SignIn(CancellationToken ct) =>
        token = await caller.Get(Tokens.ForUser("superadmin", "superadmin-demo-password", "openid users:read users:write"), ct)
            ?? throw new InvalidOperationException("The administrator got no token.");

    public async Task Run(CancellationToken loadEnds, CancellationToken ct)
    {
        while (!loadEnds.IsCancellationRequested)
        {
            await RunOneUser(loadEnds, ct);
            await Task.Delay(random.Next(100, 400), ct);
        }
    }

    /// <summary>Completes deletions whose outcome is unknown, after the fault was repaired.</summary>
    public async Task FinishErasures(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(FinishSeconds));
        foreach (var user in history.Users.Where(user => user is { WasErasureTried: true, IsErased: false }))
        {
            try
            {
                await Erase(user, limit.Token, CancellationToken.None);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Registers, activates and signs in a user and uploads ECGs as that user, without the deletion.</summary>
    /// <returns>The user; null if a step was rejected.</returns>
    public async Task<UserStory?> NewUser(int ecgs, CancellationToken ct)
    {
        var username = $"u{run}-{++number}";
        var register = new Request(OperationKind.Register, HttpMethod.Post, UsersRoute)
        {
            Body = $$"""{"username":"{{username}}","role":"user"}""",
            Key = $"register-{username}",
        };
        var registered = await RepeatUntilSettled(register, ct, CancellationToken.None);
        if (registered is not ({ IsSuccess: true }, var body))
        {
            return null;
        }

        var user = new UserStory(body.GetProperty("id").GetGuid(), username);
        history.Add(user);
        if (body.GetProperty("activation") is not { ValueKind: JsonValueKind.Object } activation)
        {
            // The response with the activation token was lost; a repeated request does not return the token.
            return user;
        }

        user.IsActivated = await Activate(user, activation.GetProperty("token").GetString()!, ct);
        if (user.IsActivated)
        {
            user.Token = await caller.Get(Tokens.ForUser(username, Password, "openid ecgs:read ecgs:write users:read"), ct);
        }

        for (var i = 1; i <= ecgs && user.Token is not null; i++)
        {
            var externalId = $"{username}-{i}";
            await caller.Send(
                new Request(OperationKind.Upload, HttpMethod.Post, "/api/v1/ecgs")
                {
                    Token = user.Token,
                    Body = Recording.Body(random, externalId),
                    ExternalId = externalId,
                    User = user.Id,
                },
                ct);
        }

        return user;
    }

    /// <summary>Repeats the deletion until a response shows its outcome.</summary>
    public async Task Erase(UserStory user, CancellationToken ct, CancellationToken loadEnds)
    {
        user.WasErasureTried = true;
        var erase = new Request(OperationKind.Erase, HttpMethod.Delete, $"{UsersRoute}/{user.Id}") { User = user.Id };
        var settled = await RepeatUntilSettled(erase, ct, loadEnds);

        // 404: an earlier request, whose response was lost, has deleted the user.
        user.IsErased = settled?.Operation.Status is (int)HttpStatusCode.NoContent or (int)HttpStatusCode.NotFound;
    }

    /// <summary>
    /// Activates the user. 400 means that Identity does not know the user yet, or that the response to an earlier request was lost.
    /// </summary>
    private async Task<bool> Activate(UserStory user, string activationToken, CancellationToken ct)
    {
        var request = new Request(OperationKind.Activate, HttpMethod.Post, "/account/activate")
        {
            Body = $$"""{"token":"{{activationToken}}","password":"{{Password}}"}""",
            User = user.Id,
        };
        var wasLost = false;
        for (var attempt = 0; attempt < ActivationAttempts; attempt++)
        {
            var (operation, _) = await caller.Send(request, ct);
            if (operation.IsSuccess || (wasLost && operation.Status == (int)HttpStatusCode.BadRequest))
            {
                return true;
            }

            wasLost |= operation.Outcome == Outcome.Lost;
            await Task.Delay(Pause, ct);
        }

        return wasLost;
    }

    private async Task RunOneUser(CancellationToken loadEnds, CancellationToken ct)
    {
        var user = await NewUser(random.Next(1, 4), ct);
        if (user is not null && random.Next(10) < 8)
        {
            await Erase(user, ct, loadEnds);
        }
    }

    /// <summary>Repeats a request until there is a response that is not 5xx.</summary>
    private async Task<(Operation Operation, JsonElement Body)?> RepeatUntilSettled(
        Request request, CancellationToken ct, CancellationToken loadEnds)
    {
        while (true)
        {
            var response = await caller.Send(request with { Token = token }, ct);
            if (response.Operation.Status == (int)HttpStatusCode.Unauthorized)
            {
                await SignIn(ct);
            }
            else if (response.Operation is { Outcome: Outcome.Answered, Status: < 500 })
            {
                return response;
            }

            if (loadEnds.IsCancellationRequested)
            {
                return null;
            }

            await Task.Delay(Pause, ct);
        }
    }
}
