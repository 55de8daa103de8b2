using System.ComponentModel.DataAnnotations;
using Idoven.Ecgs.Analysis;
using Idoven.Ecgs.Api;
using Idoven.Ecgs.Api.Upload;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Consumers;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Infrastructure;
using Idoven.Shared.Configuration;
using Idoven.Shared.Messaging;
using Idoven.Shared.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Idoven.Ecgs;

/// <summary>ECGs: uploaded, stored, analysed in the background, read and deleted by their owner. The way of an ECG is in the README.</summary>
public static class EcgsModule
{
    internal const string Name = "ecgs";

    public static void AddEcgs(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<EcgsDbContext>(Name);
        builder.AddModuleMessaging<EcgsDbContext>(Name, contracts => contracts
            .Message<EcgSubmitted>()
            .PublicEvent<EcgProcessed>("ecg.processed.v1")
            .PublicEvent<EcgFailed>("ecg.failed.v1")
            .PublicEvent<EcgDeleted>("ecg.deleted.v1"));

        var options = Options(builder.Configuration);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new UploadLimits(options.MaxSamples, options.MaxBodyBytes));
        builder.Services.AddSingleton(new SignalBudget(options.SignalBudgetBytes));
        builder.Services.AddSingleton(new AnalysisEngine());

        builder.Services.AddScoped<SubmitEcgHandler>();
        builder.Services.AddScoped<ProcessEcgHandler>();
        builder.Services.AddScoped<RecordEcgFailureHandler>();
        builder.Services.AddScoped<DeleteEcgHandler>();

        builder.Services.AddScoped<StoredSignals>();
        builder.Services.AddScoped<ISignals>(services => services.GetRequiredService<StoredSignals>());
        builder.Services.AddScoped<IEcgs, StoredEcgs>();
        builder.Services.AddScoped<IFailedDelivery<EcgSubmitted>, ProcessEcgFailure>();
        builder.Services.AddScoped<IDueWork<EcgsDbContext>, ResubmitDueEcgs>();
    }

    public static void AddEcgsConsumers(this BusBuilder bus) => bus.Module<EcgsDbContext>()
        .Consume<ProcessEcgConsumer, EcgSubmitted>("ecgs-process-ecg");

    public static void MapEcgs(this IEndpointRouteBuilder app)
    {
        var ecgs = app.MapGroup("/api/v1/ecgs").WithTags("ECGs");
        ecgs.MapSubmitEcg();
        ecgs.MapListEcgs();
        ecgs.MapGetEcg();
        ecgs.MapGetInsights();
        ecgs.MapGetSignal();
        ecgs.MapDeleteEcg();
    }

    private static EcgsOptions Options(IConfiguration configuration)
    {
        EcgsOptions options;
        try
        {
            options = configuration.GetSection("Ecgs").Get<EcgsOptions>() ?? new EcgsOptions();
            options.EventSummary = configuration.GetValue("Events:Summary", true);
        }
        catch (InvalidOperationException e)
        {
            throw new ConfigurationException($"Ecgs: {e.Message}");
        }

        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true)
            ? options
            : throw new ConfigurationException($"Ecgs:{string.Join(", ", problems.SelectMany(problem => problem.MemberNames))}: {problems[0].ErrorMessage}");
    }
}
