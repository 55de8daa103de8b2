# shellcheck shell=bash
# PostgreSQL and RabbitMQ in containers of this checkout. Each start creates a new container; the data is in named volumes.

engine_answers() { docker version > /dev/null 2>&1; }

need_containers() {
  engine_answers ||
    die "the data of this checkout is in container volumes, but no container engine is available: start it, or run ./idoven down --purge"
}

container() { echo "idoven-$(digest "$home")-$1"; }

start_container_postgres() {
  export POSTGRES_PASSWORD
  contain postgres 5432 /var/lib/postgresql/data -e POSTGRES_PASSWORD postgres:17 -c max_connections=400
}

# RabbitMQ stores its data under its host name, so the name must not change.
start_container_rabbitmq() {
  definitions "$home/definitions.json"
  contain rabbitmq 5672 /var/lib/rabbitmq --hostname idoven -v "$home/definitions.json:/definitions.json:ro" \
    -e RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-rabbit load_definitions "/definitions.json"' rabbitmq:4-management
}

# contain NAME PORT FOLDER ARGUMENTS...: runs a container with this folder in a volume and this port on loopback.
contain() {
  local name=$1 inside=$2 folder=$3 port id label
  shift 3
  port=$(port_of "$name") id=$(container "$name") label=idoven.checkout=$(digest "$home")
  docker volume create --label "$label" "$id" > /dev/null
  step "Starting $name" "container-$name" docker run -d --name "$id" --label "$label" --label "idoven.port=$port" \
    -p "127.0.0.1:$port:$inside" -v "$id:$folder" "$@" ||
    die "the container of $name did not start. To run without containers: ./idoven down --purge, then ./idoven up --native"
  fresh+=("$name")
}

# stop_containers postgres|rabbitmq...
stop_containers() {
  local name ids=()
  for name; do ids+=("$(container "$name")"); done
  docker stop "${ids[@]}" > /dev/null 2>&1 || :
  docker rm -f "${ids[@]}" > /dev/null 2>&1 || :
}

runs_container() {
  [ -n "$(docker ps -q --filter "name=^/$(container "$1")\$" --filter "label=idoven.port=$(port_of "$1")")" ]
}

log_container() { docker logs --tail "$2" ${3:+"$3"} "$(container "$1")" 2>&1; }

purge_containers() {
  local volume
  engine_answers || die "no container engine is available: its volumes cannot be deleted now"
  for volume in $(docker volume ls -q --filter "label=idoven.checkout=$(digest "$home")"); do
    say "deleting the volume $volume"
    docker volume rm "$volume" > /dev/null
  done
}
