using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging;
using Idoven.Shared.Messaging.Consumers;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Idoven.Shared.Web.Idempotency;
using Idoven.Shared.Web.Operations;
using Idoven.Shared.Web.Revocation;
using Idoven.Users.Api;
using Idoven.Users.Application;
using Idoven.Users.Consumers;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Idoven.Users.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Idoven.Users;

/// <summary>Represents the module for registered users and their roles. Identity has their accounts and credentials.</summary>
public static class UsersModule
{
    public static void AddUsers(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<UsersDbContext>(ModuleName.Value);
        builder.Services.AddProblemTypes(UsersProblems.All);
        builder.Services.AddParkedMessages<UsersDbContext>(ModuleName.Value);
        builder.Services.AddScoped<IUsersOutbox, UsersOutbox>();
        builder.Services.AddScoped<IUsersAuditLog, UsersAuditLog>();
        builder.AddModuleMessaging<UsersDbContext>(ModuleName.Value, contracts => contracts
            .Message<UserRegistered>()
            .Message<ActivationIssued>()
            .Message<UserChanged>()
            .Message<UserDeleted>());
        builder.AddRevocations<UsersDbContext>(ModuleName.Value, UsersScopes.Audience, RevokeSessionsConsumer.Queue);
        builder.Services.AddScoped<IUsers, UserStore>();
        builder.Services.AddIdempotency<UsersDbContext>();
        builder.AddAudit<UsersDbContext>(ModuleName.Value);
        builder.Services.AddScoped<RegisterUserHandler>();
        builder.Services.AddScoped<IssueActivationHandler>();
        builder.Services.AddScoped<ChangeUserHandler>();
        builder.Services.AddScoped<DeleteUserHandler>();
        builder.Services.AddSingleton(builder.Configuration.Read<ErasureOptions>("Users:Erasure"));
        builder.Services.AddScoped<IBackgroundJob<UsersDbContext>, EraseUsersJob>();
        builder.Services.AddScoped<RecordActivationHandler>();
        builder.Services.AddScoped<RecordErasureHandler>();
        builder.Services.AddScoped<ForgetClientHandler>();
        builder.Services.AddHostedService<AppointFirstSuperadmin>();
        builder.Services.AddScoped<IDevelopmentSeed, SeedDemoUsers>();
    }

    /// <summary>Registers the scopes and policies of the module. Every host does so, also if the module runs elsewhere.</summary>
    public static void AddUsersAccess(this AccessRules access) => UsersPolicies.Register(access);

    public static void AddUsersConsumers(this BusBuilder bus) => bus.Module<UsersDbContext>()
        .Consume<RecordActivationConsumer, AccountActivated>("users-record-activation")
        .Consume<RecordErasureConsumer, Ecgs.Contracts.OwnerErased>("users-record-erasure-ecgs")
        .Consume<RecordErasureConsumer, OwnerErased>("users-record-erasure-identity")
        .Consume<ForgetClientConsumer, ClientDeleted>("users-forget-client")
        .Consume<RevokeSessionsConsumer, SessionsRevoked>(RevokeSessionsConsumer.Queue);

    public static void MapUsers(this IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/api/v1/users").WithTags("Users").AddEndpointFilter<RouteGroupBuilder, UserRejections>()
            .Takes("id", "The user's id.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f\"");
        users.MapRegisterUser();
        users.MapListUsers();
        users.MapGetUser();
        users.MapChangeUser();
        users.MapDeleteUser();
        users.MapIssueActivation();
        users.MapGetErasure();
        users.MapAudit(ModuleName.Value, UsersPolicies.UsersAudit, "ReadUsersAudit");
        users.MapOwnAudit("me/audit", ModuleName.Value, UsersPolicies.Self, "ReadMyAudit");
        app.MapOperations(ModuleName.Value, UsersPolicies.OperateUsers);
    }
}
