# shellcheck shell=bash
# PostgreSQL and RabbitMQ for tests where there are no containers: native, in a folder that the test names, and its until the test process is gone.

registered() { echo "$root/.idoven/parts/$(digest "$1")"; }

# begin_parts OWNER DIR NAME...: starts them, waits until they are ready, and prints how to reach them.
begin_parts() {
  local owner=$1 name
  home=$2
  shift 2
  KIND=native
  mkdir -p "$home" "$root/.idoven/parts"
  echo "$owner $(born "$owner") $home" > "$(registered "$home")"
  load
  start_parts "$@"
  for name; do
    await "$name" 90
    case $name in
      postgres) echo "POSTGRES=$(connection postgres "$POSTGRES_PASSWORD")" ;;
      rabbitmq) printf 'AMQP=%s\nSUBSCRIBER=%s\n' "$(amqp)" "$(subscriber_amqp)" ;;
    esac
  done
}

# end_parts DIR: stops what runs there and removes what it made; the folder is the test's.
end_parts() {
  home=$1
  KIND=native DATA=''
  load
  stop_native rabbitmq postgres
  [ -z "$DATA" ] || rm -rf "$DATA"
  rm -rf "$home"/{data,log,run,state,secrets}
  rm -f "$(registered "$home")"
}

end_dead_parts() {
  local entry pid birth directory
  for entry in "$root"/.idoven/parts/*; do
    if [ ! -e "$entry" ]; then continue; fi
    read -r pid birth directory < "$entry"
    if lives "$pid" "$birth"; then continue; fi
    say "ending the parts in $directory, whose test process is gone"
    (end_parts "$directory")
    rmdir "$directory" 2> /dev/null || :
  done
}
