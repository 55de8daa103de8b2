using Idoven.Shared.Http;
using Idoven.Shared.Messaging;
using Idoven.Shared.Persistence;
using Idoven.Users.Api;
using Idoven.Users.Application;
using Idoven.Users.Contracts;
using Idoven.Users.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Idoven.Users;

/// <summary>Users: who is registered, with which role. What they sign in with is Identity's.</summary>
public static class UsersModule
{
    internal const string Name = "users";

    public static void AddUsers(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<UsersDbContext>(Name);
        builder.AddModuleMessaging<UsersDbContext>(Name, contracts => contracts.Message<UserRegistered>());
        builder.Services.AddScoped<IUsers, StoredUsers>();
        builder.Services.AddScoped<RegisterUserHandler>();
        builder.Services.AddScoped<IDevelopmentSeed, SeedDemoUsers>();
    }

    /// <summary>No message reaches Users yet.</summary>
    public static void AddUsersConsumers(this BusBuilder bus) => bus.Module<UsersDbContext>();

    public static void MapUsers(this IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/api/v1/users").WithTags("Users");
        users.MapGetMe();
        app.MapOperations(Name, Policies.OperateUsers);
    }
}
