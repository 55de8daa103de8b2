# shellcheck shell=bash
# The parts that the service needs, PostgreSQL and RabbitMQ: starting, stopping and waiting. KIND is containers or native.

# choose_kind [containers|native]: the kind of an earlier run, or the argument, or containers if a container engine is available.
choose_kind() {
  if [ -n "$1" ] && [ -n "${KIND:-}" ] && [ "$1" != "$KIND" ]; then
    die "the data of this checkout is $KIND. To start over with $1, run ./idoven down --purge first"
  fi
  KIND=${KIND:-${1:-$(engine_answers && echo containers || echo native)}}
}

# prepare_parts postgres|rabbitmq...: makes sure of packages, ports and secrets, and removes stopped containers and stale processes.
prepare_parts() {
  local name
  if is_native; then need_native; else need_containers; fi
  make_secrets
  free_port POSTGRES_PORT BROKER_PORT
  for name; do
    runs "$name" || {
      need_port "$(port_of "$name")" "$(option_of "$name")"
      stop_parts "$name"
    }
  done
  save
}

start_postgres() {
  if runs postgres; then return; fi
  if is_native; then start_native_postgres; else start_container_postgres; fi
}

start_rabbitmq() {
  if runs rabbitmq; then return; fi
  if is_native; then start_native_rabbitmq; else start_container_rabbitmq; fi
}

# start_parts postgres|rabbitmq...: starts those that are not running. Use await to wait until they are ready.
start_parts() {
  local name
  prepare_parts "$@"
  for name; do
    case $name in
      postgres) start_postgres ;;
      rabbitmq) start_rabbitmq ;;
    esac
  done
}

is_native() { [ "$KIND" = native ]; }

stop_parts() { if is_native; then stop_native "$@"; else stop_containers "$@"; fi; }

purge_parts() { if is_native; then purge_native; else purge_containers; fi; }

port_of() {
  case $1 in
    postgres) echo "$POSTGRES_PORT" ;;
    rabbitmq) echo "$BROKER_PORT" ;;
  esac
}

option_of() {
  case $1 in
    postgres) echo --postgres-port ;;
    rabbitmq) echo --broker-port ;;
  esac
}

runs() {
  case $1 in
    host) alive host ;;
    *) if is_native; then runs_native "$1"; else runs_container "$1"; fi ;;
  esac
}

# log NAME LINES [-f]: prints the last lines of a log; with -f also those to come.
log() {
  case $1 in
    host) log_native "$@" ;;
    *) if is_native; then log_native "$@"; else log_container "$@"; fi ;;
  esac
}

# describe NAME: prints the address, the process or container, and the version.
describe() {
  case $1 in
    host) echo "http://localhost:$PORT, management on $MANAGEMENT_PORT, process $(process host), build $(built app)" ;;
    postgres) echo "127.0.0.1:$POSTGRES_PORT, $(where_runs postgres), $(version postgres 'PostgreSQL [0-9.]+')" ;;
    rabbitmq) echo "127.0.0.1:$BROKER_PORT, $(where_runs rabbitmq), $(version rabbitmq 'RabbitMQ [0-9.]+')" ;;
  esac
}

where_runs() { if is_native; then echo "process $(process "$1")"; else echo "container $(container "$1")"; fi; }

# version NAME PATTERN: prints the version that PostgreSQL or RabbitMQ wrote to its log when it started.
version() { log "$1" 10000 | grep -oEm1 "[Ss]tarting $2" | cut -d' ' -f2- || :; }

# ask PORT BYTES: sends bytes to a port and prints the response up to its end or first zero byte.
ask() {
  (
    exec 3<> "/dev/tcp/127.0.0.1/$1"
    printf %b "$2" >&3
    IFS= read -r -d '' -t 3 -u 3 answer || :
    printf %s "$answer"
  ) 2> /dev/null || :
}

# An open port does not prove that a server is ready, so each check starts a conversation in the server's protocol.
postgres_answers() { [ "$(ask "$POSTGRES_PORT" '\0000\0000\0000\0027\0000\0003\0000\0000user\0000postgres\0000\0000')" = R ]; }
rabbitmq_answers() { [ "$(ask "$BROKER_PORT" 'AMQP\0000\0000\0011\0001')" = $'\001' ]; }
host_answers() { [[ $(readiness) == 'HTTP/1.1 200 '* ]]; }

# degraded: prints what a ready host reports as degraded, if anything.
degraded() { readiness | sed -n 's/.*"degraded":\[\("[^]]*"\)\].*/          degraded: \1/p'; }

readiness() { ask "$MANAGEMENT_PORT" 'GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n'; }

# await NAME SECONDS: waits until postgres, rabbitmq or host is ready. One that was running before, but ends now because it was just
# killed, is started again. One that this run has started must not end.
await() {
  local began=$SECONDS told=$SECONDS
  until "$1_answers"; do
    if ! runs "$1"; then
      if [[ " ${fresh[*]} " == *" $1 "* ]]; then
        log "$1" 20 >&2
        die "$1 stopped before it was ready"
      elif [ "$1" = host ]; then start_host; else start_parts "$1"; fi
    fi
    ((SECONDS - began < $2)) || die "$1 is not ready after $2 s: see ./idoven status and ./idoven logs $1"
    if ((SECONDS - told >= 5)); then
      told=$SECONDS
      say "waiting for $1: $((SECONDS - began)) s so far"
    fi
    sleep 0.1
  done
}

# The host's user may do everything. A subscriber may only bind and read queues with its own prefix.
amqp() { echo "amqp://idoven:$BROKER_PASSWORD@127.0.0.1:$BROKER_PORT/"; }
subscriber_amqp() { echo "amqp://demo:$SUBSCRIBER_PASSWORD@127.0.0.1:$BROKER_PORT/"; }

# definitions FILE: writes the broker's users, permissions, public exchange and policy for subscriber queues. The broker imports the file
# at each start. IDOVEN_VIRTUAL_HOSTS names additional virtual hosts for tests.
definitions() {
  local hosts=()
  read -ra hosts <<< "${IDOVEN_VIRTUAL_HOSTS:-}"
  IDOVEN_PASSWORD=$BROKER_PASSWORD SUBSCRIBER_PASSWORD=$SUBSCRIBER_PASSWORD "$root/broker/definitions.sh" "${hosts[@]}" > "$1"
}

# connection USER PASSWORD: prints a connection string.
connection() { echo "Host=127.0.0.1;Port=$POSTGRES_PORT;Username=$1;Password=$2;Database=postgres;SSL Mode=Disable"; }
