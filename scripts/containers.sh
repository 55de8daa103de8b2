# shellcheck shell=bash
# PostgreSQL and RabbitMQ in containers of this checkout. Their data lies in named volumes: a container is made anew whenever it is started.

engine_answers() { docker version > /dev/null 2>&1; }

need_containers() {
  engine_answers || die "the data of this checkout is in containers, but no engine answers: start it, or begin anew with ./idoven down --purge"
}

container() { echo "idoven-$(digest "$home")-$1"; }

start_container_postgres() {
  export POSTGRES_PASSWORD
  contain postgres 5432 /var/lib/postgresql/data -e POSTGRES_PASSWORD postgres:17 -c max_connections=400
}

# The broker keeps its data under the name of its host.
start_container_rabbitmq() {
  definitions "$home/definitions.json"
  contain rabbitmq 5672 /var/lib/rabbitmq --hostname idoven -v "$home/definitions.json:/definitions.json:ro" \
    -e RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-rabbit load_definitions "/definitions.json"' rabbitmq:4-management
}

# contain NAME PORT FOLDER ARGUMENTS...: runs it with that folder in a volume and that port on loopback.
contain() {
  local name=$1 inside=$2 folder=$3 port id label
  shift 3
  port=$(port_of "$name") id=$(container "$name") label=idoven.checkout=$(digest "$home")
  docker volume create --label "$label" "$id" > /dev/null
  step "Starting $name" "container-$name" docker run -d --name "$id" --label "$label" --label "idoven.port=$port" \
    -p "127.0.0.1:$port:$inside" -v "$id:$folder" "$@" ||
    die "the container of $name does not start; without containers: ./idoven down --purge, ./idoven up --native"
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
  engine_answers || die "no container engine answers: its volumes cannot be removed now"
  for volume in $(docker volume ls -q --filter "label=idoven.checkout=$(digest "$home")"); do
    say "removing the volume $volume"
    docker volume rm "$volume" > /dev/null
  done
}
