# shellcheck shell=bash
# Private instances of PostgreSQL and RabbitMQ from the distribution's packages, with their own data and ports. The system's instances
# are not touched.

rabbitmq_server=/usr/lib/rabbitmq/bin/rabbitmq-server

need_native() {
  need_packages
  choose_data
}

need_packages() {
  local missing=()
  [ -x "$(postgres_folder)/postgres" ] || missing+=(postgresql)
  [ -x "$rabbitmq_server" ] || missing+=(rabbitmq-server)
  if ((${#missing[@]} > 0)); then
    command -v apt-get > /dev/null || die "not installed: ${missing[*]} (package names of Debian and Ubuntu)"
    ((EUID == 0)) || die "missing packages: run sudo apt-get install --no-install-recommends ${missing[*]}"
    step "Installing ${missing[*]}" install install_packages "${missing[@]}"
  fi
}

# The newest installed PostgreSQL, or the version that created the existing data.
postgres_folder() {
  local version
  version=$(cat "${DATA:-/nowhere}/postgres/PG_VERSION" 2> /dev/null) ||
    version=$(find /usr/lib/postgresql -path '*/bin/postgres' 2> /dev/null | cut -d/ -f5 | sort -n | tail -n 1)
  echo "/usr/lib/postgresql/$version/bin"
}

# Debian asks policy-rc.d before it starts a package's service. Exit code 101 forbids it.
install_packages() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ] || grep -q 'idoven up' "$policy"; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\n# while idoven up installs packages\nexit 101\n' > "$policy"
    chmod 755 "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o DPkg::Lock::Timeout=300 update &&
    apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
)

# become USER: sets "as", the prefix that makes a command run as this user. Empty unless root runs it.
become() {
  as=()
  ((EUID != 0)) || as=(setpriv --reuid="$1" --regid="$1" --init-groups --)
}

# own USER PATH...: lets only that user read the paths.
own() {
  local user=$1
  shift
  chmod go= "$@"
  ((EUID != 0)) || chown "$user:$user" "$@"
}

# The data is in $home, or in /var/lib if the users postgres and rabbitmq cannot access $home (for example below /root).
choose_data() {
  local as
  [ -z "${DATA:-}" ] || return 0
  DATA=$home/data
  mkdir -p "$DATA"
  become postgres
  "${as[@]}" test -x "$DATA" || {
    rmdir "$DATA"
    DATA=/var/lib/idoven-$(digest "$home")
    mkdir -p "$DATA"
  }
}

start_native_postgres() {
  local folder as data=$DATA/postgres
  folder=$(postgres_folder)
  ((${folder//[!0-9]/} >= 15)) || die "PostgreSQL 15 or newer is needed: the newest here is $folder"
  [ -e "$data" ] || step "Creating the database" initdb make_cluster "$folder" "$data"
  # A killed server leaves a lock file, which prevents the next start. It is stale if no process works in the folder.
  within 10 no_process_in "$data" || die "a PostgreSQL that ./idoven did not start is using $data"
  rm -f "$data/postmaster.pid"
  become postgres
  spawn postgres "$POSTGRES_PORT" "${as[@]}" env -i PATH="$PATH" LANG=C.UTF-8 "$folder/postgres" -D "$data" -p "$POSTGRES_PORT" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=400 ${TEST_DATA:+-c fsync=off}
}

no_process_in() { ! find /proc/[0-9]*/cwd -maxdepth 0 -lname "$1" 2> /dev/null | grep -q .; }

# make_cluster FOLDER DATA: creates a database cluster beside its final path and moves it there, so an interrupted run leaves no
# incomplete cluster.
make_cluster() {
  local folder=$1 data=$2 password=$DATA/password as
  become postgres
  rm -rf "$data.new" &&
    mkdir "$data.new" &&
    (umask 077 && echo "$POSTGRES_PASSWORD" > "$password") &&
    own postgres "$data.new" "$password" &&
    (cd / && "${as[@]}" "$folder/initdb" -D "$data.new" -U postgres --auth=scram-sha-256 --pwfile="$password" -E UTF8 --locale=C.UTF-8) &&
    rm "$password" &&
    mv "$data.new" "$data"
}

# Everything listens on loopback: AMQP, the distribution port and a separate epmd. An epmd that Erlang starts would keep running after
# the broker has stopped.
start_native_rabbitmq() {
  local as data=$DATA/rabbitmq distribution_port='' epmd_port=''
  mkdir -p "$data"
  [ -e "$data/.erlang.cookie" ] || (umask 077 && head -c 24 /dev/urandom | base64 > "$data/.erlang.cookie")
  definitions "$data/definitions.json"
  echo "load_definitions = $data/definitions.json" > "$data/rabbitmq.conf"
  echo '[].' > "$data/enabled_plugins"
  own rabbitmq "$data" "$data"/{.erlang.cookie,definitions.json,rabbitmq.conf,enabled_plugins}
  become rabbitmq
  free_port distribution_port epmd_port
  spawn epmd "$epmd_port" "${as[@]}" env -i PATH="$PATH" epmd -port "$epmd_port" -address 127.0.0.1
  within 10 taken "$epmd_port" || die "epmd did not start: see $home/log/epmd.log"

  # RABBITMQ_ALLOW_INPUT makes the start script exec the broker, so the recorded process is the broker. -noinput closes the input again.
  spawn rabbitmq "$BROKER_PORT" "${as[@]}" env -i PATH="$PATH" LANG=C.UTF-8 HOME="$data" \
    RABBITMQ_NODENAME=idoven@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$BROKER_PORT" \
    RABBITMQ_DIST_PORT="$distribution_port" \
    ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_ALLOW_INPUT=yes RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-noinput -kernel inet_dist_use_interface {127,0,0,1}' \
    RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$data/rabbitmq" RABBITMQ_ADVANCED_CONFIG_FILE="$data/advanced" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$data/enabled_plugins" RABBITMQ_PID_FILE="$data/pid" \
    RABBITMQ_MNESIA_BASE="$data/mnesia" RABBITMQ_LOG_BASE="$data/log" RABBITMQ_LOGS=- \
    "$rabbitmq_server"
}

# stop_native postgres|rabbitmq...
stop_native() {
  local name
  for name; do
    case $name in
      postgres) stop postgres INT ;;
      rabbitmq)
        stop rabbitmq TERM
        stop epmd TERM
        ;;
    esac
  done
}

runs_native() { alive_as "$1" "$(port_of "$1")"; }

log_native() { tail -n "$2" ${3:+"$3"} "$home/log/$1.log"; }

purge_native() {
  say "deleting $DATA"
  rm -rf "$DATA"
}
