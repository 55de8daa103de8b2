using System.Text.Json.Serialization.Metadata;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Api;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Api.Download;
using Idoven.Ecgs.Api.Insights;
using Idoven.Ecgs.Api.Reprocessing;
using Idoven.Ecgs.Api.Upload;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Application.Reprocessing;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Consumers;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Idoven.Ecgs.Infrastructure;
using Idoven.Ecgs.Infrastructure.Accesses;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Data.Limits;
using Idoven.Shared.Data.Readiness;
using Idoven.Shared.Messaging;
using Idoven.Shared.Messaging.Consumers;
using Idoven.Shared.Messaging.Operations;
using Idoven.Shared.Messaging.Parking;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Idoven.Shared.Web.Idempotency;
using Idoven.Shared.Web.Operations;
using Idoven.Shared.Web.Revocation;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Idoven.Ecgs;

/// <summary>
/// Represents the module for ECGs, which their owners upload, read and delete, and which are analysed in the background. README.md shows
/// the flow of an ECG.
/// </summary>
public static class EcgsModule
{
    /// <summary>The part of the memory for uploads that is one caller's share: a sixteenth.</summary>
    private const int BudgetShares = 16;

    public static void AddEcgs(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<EcgsDbContext>(ModuleName.Value);
        builder.Services.AddProblemTypes(EcgsProblems.All);
        builder.Services.AddParkedMessages<EcgsDbContext>(ModuleName.Value);
        builder.Services.AddScoped<IEcgsOutbox, EcgsOutbox>();
        builder.AddModuleMessaging<EcgsDbContext>(ModuleName.Value, contracts => contracts
            .Message<EcgSubmitted>()
            .Message<Contracts.OwnerErased>()
            .PublicEvent<EcgProcessed>("ecg.processed.v1")
            .PublicEvent<EcgFailed>("ecg.failed.v1")
            .LastPublicEvent<EcgDeleted>("ecg.deleted.v1"));
        builder.AddRevocations<EcgsDbContext>(ModuleName.Value, EcgsScopes.Audience, RevokeSessionsConsumer.Queue);

        var options = builder.Configuration.Read<EcgsOptions>("Ecgs");
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(builder.Configuration.Read<EventsOptions>("Events"));
        builder.Services.AddSingleton(new UploadLimits(options.MaxSamples, options.MaxBodyBytes));
        builder.Services.AddSingleton(new SignalBudget(options.SignalBudgetBytes, options.SignalBudgetBytes / BudgetShares));
        builder.Services.AddSingleton<UploadGate>();
        builder.Services.AddKeyedSingleton(UploadIntake.SlotsKey, (services, _) =>
            new CallerSlots(
                UploadIntake.SlotsKey, options.Uploads, options.UploadsPerCaller, Lending.WhileNoOtherCallerAsks,
                services.GetRequiredService<TimeProvider>()));
        builder.Services.AddKeyedSingleton(
            DownloadSlots.Key,
            new CallerSlots(DownloadSlots.Key, options.Downloads, options.DownloadsPerCaller, Lending.Never, TimeProvider.System));
        builder.Services.AddShares(EcgShares.All);
        builder.Services.AddSingleton<AnalysisSlots>();
        builder.Services.AddSingleton(new AnalysisEngine());
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolver =
            json.SerializerOptions.TypeInfoResolver!.WithAddedModifier(InsightsResponse.AddMembers(InsightCatalog.Default)));
        builder.Services.AddSingleton<EcgMetrics>();

        builder.Services.AddScoped<SubmitEcgHandler>();
        builder.Services.AddScoped<UploadIntake>();
        builder.Services.AddSingleton<AnalysisGate>();
        builder.Services.AddHostedService<CancelledAnalyses>();
        builder.Services.AddScoped<ProcessEcgHandler>();
        builder.Services.AddScoped<ProcessRedeliveredEcgHandler>();
        builder.Services.AddScoped<RecordAttemptHandler>();
        builder.Services.AddScoped<RecordEcgFailureHandler>();
        builder.Services.AddScoped<DeleteEcgHandler>();
        builder.Services.AddScoped<RequeueEcgHandler>();
        builder.Services.AddScoped<ReplayEcgHandler>();
        builder.Services.AddScoped<ReprocessEcgHandler>();
        builder.Services.AddSingleton<ReprocessEcgsHandler>();
        builder.Services.AddKeyedSingleton<IParked, FailedEcgs>(ModuleName.Value);
        builder.Services.AddScoped<EraseOwnerHandler>();

        builder.Services.AddSingleton(builder.Configuration.Read<AccessOptions>("Access"));
        builder.Services.AddSingleton<AccessLog>();
        builder.Services.AddSingleton<CurrentAccess>();
        builder.Services.AddSingleton<ICurrentAccess>(services => services.GetRequiredService<CurrentAccess>());
        builder.Services.AddKeyedScoped<IAuditLog, AccessLogStore>(ModuleName.Value);
        builder.Services.AddScoped<IAccesses, AccessStore>();
        builder.Services.AddSingleton<AccessWriter>();
        builder.Services.AddSingleton<IReadinessNotice>(services => services.GetRequiredService<AccessWriter>());
        builder.Services.AddHostedService(services => services.GetRequiredService<AccessWriter>());
        builder.Services.AddSingleton<AccessRetentionSchedule>();
        builder.Services.AddScoped<IBackgroundJob<EcgsDbContext>, AccessRetentionJob>();

        builder.Services.AddSingleton<IBlockEncoder, SignalCodec>();
        builder.Services.AddScoped<SignalStore>();
        builder.Services.AddScoped<ISignals>(services => services.GetRequiredService<SignalStore>());
        builder.Services.AddScoped<IEcgs, EcgStore>();
        builder.Services.AddIdempotency<EcgsDbContext>();
        builder.Services.AddSingleton<InsightWaiters>();
        builder.Services.AddSingleton<IInsightWaiters>(services => services.GetRequiredService<InsightWaiters>());
        builder.Services.AddHostedService(services => services.GetRequiredService<InsightWaiters>());
        builder.Services.AddScoped<IFailedDelivery<EcgSubmitted>, ProcessEcgFailure>();
        builder.Services.AddSingleton<BacklogMeter>();
        builder.Services.AddSingleton<IAnalysisBacklog>(services => services.GetRequiredService<BacklogMeter>());
        builder.Services.AddSingleton<IReadinessNotice>(services => services.GetRequiredService<BacklogMeter>());
        builder.Services.AddHostedService(services => services.GetRequiredService<BacklogMeter>());
        builder.Services.AddHostedService<ReportAnalysisHost>();
        builder.Services.AddSingleton<DispatchState>();
        builder.Services.AddScoped<IBackgroundJob<EcgsDbContext>, DispatchEcgsJob>();
        builder.Services.AddScoped<IBackgroundJob<EcgsDbContext>, EraseOwnersJob>();
    }

    /// <summary>Registers the scopes and policies of the module. Every host does so, also if the module runs elsewhere.</summary>
    public static void AddEcgsAccess(this AccessRules access) => EcgsPolicies.Register(access);

    public static void AddEcgsConsumers(this BusBuilder bus) => bus.Module<EcgsDbContext>()
        .Consume<ProcessEcgConsumer, EcgSubmitted>("ecgs-process-ecg", AnalysisSlots.Deliveries, prefetch: AnalysisSlots.Deliveries)
        .Consume<EraseOwnerConsumer, UserDeleted>("ecgs-erase-owner-user")
        .Consume<EraseOwnerConsumer, ClientDeleted>("ecgs-erase-owner-client")
        .Consume<RevokeSessionsConsumer, SessionsRevoked>(RevokeSessionsConsumer.Queue);

    /// <summary>
    /// Runs the verb <c>reprocess VERSION</c>, which requeues the ECGs that only engines before that version have analysed.
    /// </summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The module is not enabled.</exception>
    public static Task<int> RunReprocessVerb(
        IServiceProvider services, string[] words, TextWriter output, TextWriter errors, CancellationToken ct) =>
        services.GetService<ReprocessEcgsHandler>() is null
            ? throw new ConfigurationException("The verb reprocess needs the module Ecgs, which is missing in Modules:Enabled.")
            : ActivatorUtilities.CreateInstance<ReprocessVerb>(services).Run(words, output, errors, ct);

    /// <summary>Runs the verb <c>accesses</c>, which exports the access log.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The module is not enabled.</exception>
    public static async Task<int> RunAccessesVerb(
        IServiceProvider services, string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        if (services.GetService<AccessLog>() is null)
        {
            throw new ConfigurationException("The verb accesses needs the module Ecgs, which is missing in Modules:Enabled.");
        }

        await using var scope = services.CreatePatientScope();
        return await ActivatorUtilities.CreateInstance<AccessesVerb>(scope.ServiceProvider).Run(words, output, errors, ct);
    }

    public static void MapEcgs(this IEndpointRouteBuilder app)
    {
        var ecgs = app.MapGroup("/api/v1/ecgs").WithTags("ECGs").LogAccesses()
            .Takes("id", "The ECG's id.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f\"");
        ecgs.MapSubmitEcg();
        ecgs.MapListEcgs();
        ecgs.MapGetEcg();
        ecgs.MapGetInsights();
        ecgs.MapGetBeats();
        ecgs.MapReprocessEcg();
        ecgs.MapGetSignal();
        ecgs.MapDeleteEcg();
        ecgs.MapListEcgAccesses();
        app.MapReadEvents();
        app.MapOperations(ModuleName.Value, EcgsPolicies.OperateEcgs).LogAccesses(AccessActions.ListParked);
    }
}
