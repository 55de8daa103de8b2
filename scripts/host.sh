# shellcheck shell=bash
# The service: ./idoven up builds it if its sources changed, migrates the database before it starts, and restarts an outdated one.

need_dotnet() { command -v dotnet > /dev/null || die "the .NET SDK 10 is not installed: https://dotnet.microsoft.com/download"; }

# sources: prints a fingerprint of all files that a build reads.
sources() {
  (
    cd "$root"
    find src docs/problems Directory.Build.props Directory.Packages.props global.json \
      \( -name bin -o -name obj \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12
  )
}

built() { cat "$home/$1/sources" 2> /dev/null || :; }

# publish PROJECT NAME: publishes into $home/NAME. The old files stay until the build has succeeded. IDOVEN_NO_BUILD=true publishes what was
# built last in this checkout, for a caller that has just built it.
publish() {
  local target=$home/$2 sources
  sources=$(sources)
  [ "$(built "$2")" != "$sources" ] || return 0
  rm -rf "$target.new"
  (cd "$root" && step "Building $1" "build-$2" dotnet publish "$1" -c Release -o "$target.new" -v q ${IDOVEN_NO_BUILD:+--no-build}) || exit
  echo "$sources" > "$target.new/sources"
  rm -rf "$target"
  mv "$target.new" "$target"
}

host_environment() {
  export ASPNETCORE_ENVIRONMENT=Development DOTNET_ENVIRONMENT=Development
  export ConnectionStrings__ecgs ConnectionStrings__users ConnectionStrings__identity ConnectionStrings__Migrations Broker__Uri
  ConnectionStrings__ecgs=$(connection ecgs_app "$ECGS_PASSWORD")
  ConnectionStrings__users=$(connection users_app "$USERS_PASSWORD")
  ConnectionStrings__identity=$(connection identity_app "$IDENTITY_PASSWORD")
  ConnectionStrings__Migrations=$(connection postgres "$POSTGRES_PASSWORD")
  Broker__Uri=$(amqp)
  export Auth__Issuer=http://localhost:$PORT/ Auth__MasterKey=$MASTER_KEY Management__Port=$MANAGEMENT_PORT
}

migrate_database() {
  host_environment
  step "Migrating the database" migrate dotnet "$home/app/Idoven.Host.dll" migrate
}

# wanted: prints the build and the ports that a host should be running with. A host with others is restarted.
wanted() { echo "$(built app) $PORT $MANAGEMENT_PORT $POSTGRES_PORT $BROKER_PORT"; }

# The steps of ./idoven up, in this order: a function, and the title that up prints. A function does nothing if nothing has to change.
up_steps=(
  'start_postgres   start PostgreSQL'
  'start_rabbitmq   start RabbitMQ, which imports its users, permissions, exchange and policies (broker/definitions.json)'
  'build_host       build the service (src/Host)'
  'await_parts      wait until PostgreSQL and RabbitMQ accept connections'
  'prepare_host     stop the service if it has another build or port, and migrate the database'
  'start_host       start the service'
  'await_host       wait until the service is ready'
)

bring_up() {
  local step action title number=0
  need_dotnet
  [ "$PORT" != "$MANAGEMENT_PORT" ] || die "--port and --management-port must differ"
  claim "$PORT" --port
  claim "$MANAGEMENT_PORT" --management-port
  prepare_parts postgres rabbitmq
  for step in "${up_steps[@]}"; do
    read -r action title <<< "$step"
    number=$((number + 1))
    say "$number/${#up_steps[@]} $title"
    "$action"
  done
}

build_host() { publish src/Host app; }

await_parts() {
  await postgres 60
  await rabbitmq 90
}

host_is_current() { alive_as host "$(wanted)"; }

prepare_host() {
  if ! host_is_current; then
    stop host TERM
    migrate_database
  fi
}

start_host() {
  if ! host_is_current; then
    spawn host "$(wanted)" dotnet "$home/app/Idoven.Host.dll" --urls "http://localhost:$PORT"
  fi
}

await_host() { await host 90; }

# claim PORT OPTION: stops if a port is in use, unless the running host of this checkout uses it.
claim() {
  local pid birth as_what port management_port
  if alive host && recorded host; then
    read -r _ port management_port _ <<< "$as_what"
    [ "$1" != "$port" ] && [ "$1" != "$management_port" ] || return 0
  fi
  need_port "$1" "$2"
}

is_up() { alive host && host_answers; }

print_addresses() {
  local base=http://localhost:$PORT
  cat << END

  API          $base/api/v1
  documents    $base/docs and $base/openapi/v1.json
  management   http://127.0.0.1:$MANAGEMENT_PORT/health/ready
  AMQP         $(subscriber_amqp) (a subscriber: queues sub.demo.*)
  PostgreSQL   postgresql://postgres:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_PORT/postgres

  users        user, user2, admin, superadmin; password <name>-demo-password; public client idoven-cli
  machine      client demo-gateway, secret demo-gateway-secret

  ./idoven demo shows all steps of an upload. To upload a short ECG by hand, paste this:

curl -si $base/api/v1/ecgs \\
  -H "Authorization: Bearer \$(curl -s $base/connect/token -d grant_type=client_credentials -d client_id=demo-gateway \\
    -d client_secret=demo-gateway-secret | sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')" \\
  -H 'Content-Type: application/json' \\
  -d '{"date":"2026-11-23T10:15:00+01:00","leads":[{"name":"I","signal":[12,-3,7,0,-5,4]}]}'
END
}
