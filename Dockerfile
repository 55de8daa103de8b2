# The service in an image: docker build -t idoven .
# Arguments are verbs of the host program: docker run idoven (runs the service), docker run idoven migrate, docker run idoven health.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Only the files that a restore reads, so that this layer is cached until a package changes. Behind a proxy with its own certificate, the
# secret "ca" is the file of the trusted certificates.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/Cli/Idoven.Cli.csproj src/Cli/packages.lock.json src/Cli/
COPY src/Host/Idoven.Host.csproj src/Host/packages.lock.json src/Host/
COPY src/Shared/Idoven.Shared.Data/Idoven.Shared.Data.csproj \
  src/Shared/Idoven.Shared.Data/packages.lock.json \
  src/Shared/Idoven.Shared.Data/
COPY src/Shared/Idoven.Shared.Messaging/Idoven.Shared.Messaging.csproj \
  src/Shared/Idoven.Shared.Messaging/packages.lock.json \
  src/Shared/Idoven.Shared.Messaging/
COPY src/Shared/Idoven.Shared.Audit/Idoven.Shared.Audit.csproj \
  src/Shared/Idoven.Shared.Audit/packages.lock.json \
  src/Shared/Idoven.Shared.Audit/
COPY src/Shared/Idoven.Shared.Web/Idoven.Shared.Web.csproj \
  src/Shared/Idoven.Shared.Web/packages.lock.json \
  src/Shared/Idoven.Shared.Web/
COPY src/Modules/Ecgs/Idoven.Ecgs/Idoven.Ecgs.csproj \
  src/Modules/Ecgs/Idoven.Ecgs/packages.lock.json \
  src/Modules/Ecgs/Idoven.Ecgs/
COPY src/Modules/Ecgs/Idoven.Ecgs.Accuracy/Idoven.Ecgs.Accuracy.csproj \
  src/Modules/Ecgs/Idoven.Ecgs.Accuracy/packages.lock.json \
  src/Modules/Ecgs/Idoven.Ecgs.Accuracy/
COPY src/Modules/Ecgs/Idoven.Ecgs.Analysis/Idoven.Ecgs.Analysis.csproj \
  src/Modules/Ecgs/Idoven.Ecgs.Analysis/packages.lock.json \
  src/Modules/Ecgs/Idoven.Ecgs.Analysis/
COPY src/Modules/Ecgs/Idoven.Ecgs.Contracts/Idoven.Ecgs.Contracts.csproj \
  src/Modules/Ecgs/Idoven.Ecgs.Contracts/packages.lock.json \
  src/Modules/Ecgs/Idoven.Ecgs.Contracts/
COPY src/Modules/Users/Idoven.Users/Idoven.Users.csproj \
  src/Modules/Users/Idoven.Users/packages.lock.json \
  src/Modules/Users/Idoven.Users/
COPY src/Modules/Users/Idoven.Users.Contracts/Idoven.Users.Contracts.csproj \
  src/Modules/Users/Idoven.Users.Contracts/packages.lock.json \
  src/Modules/Users/Idoven.Users.Contracts/
COPY src/Modules/Identity/Idoven.Identity/Idoven.Identity.csproj \
  src/Modules/Identity/Idoven.Identity/packages.lock.json \
  src/Modules/Identity/Idoven.Identity/
COPY src/Modules/Identity/Idoven.Identity.Contracts/Idoven.Identity.Contracts.csproj \
  src/Modules/Identity/Idoven.Identity.Contracts/packages.lock.json \
  src/Modules/Identity/Idoven.Identity.Contracts/
RUN --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then export SSL_CERT_FILE=/run/secrets/ca; fi; \
    dotnet restore src/Host --locked-mode && dotnet restore src/Cli --locked-mode

# The build is portable. Only the native libraries for Linux are kept.
COPY . .
RUN dotnet publish src/Host --no-restore -c Release -p:UseAppHost=false -p:ContinuousIntegrationBuild=true -o /app \
 && dotnet publish src/Cli --no-restore -c Release -p:UseAppHost=false -p:ContinuousIntegrationBuild=true -o /cli \
 && find /app/runtimes -mindepth 1 -maxdepth 1 ! -name 'linux*' ! -name unix -exec rm -r {} +

# Runs as an unprivileged user without capabilities and writes no files, so the root file system may be read-only.
FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS host
COPY --from=build /app /app
WORKDIR /app
ENV ASPNETCORE_HTTP_PORTS= ASPNETCORE_URLS=http://+:8080 DOTNET_EnableDiagnostics=0
USER $APP_UID
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 CMD ["dotnet", "Idoven.Host.dll", "health"]
ENTRYPOINT ["dotnet", "Idoven.Host.dll"]

# docker compose run --rm demo: runs the main use case as a machine client that is registered for it.
FROM host AS demo
COPY --from=build /cli /cli
COPY scripts/compose-demo.sh /demo
HEALTHCHECK NONE
ENTRYPOINT ["bash", "/demo"]
