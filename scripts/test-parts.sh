# shellcheck shell=bash
# Native PostgreSQL and RabbitMQ for tests without containers, in a folder that the test chooses. They belong to the test process.

registered() { echo "$root/.idoven/parts/$(digest "$1")"; }

# begin_parts OWNER DIR NAME...: starts them for the process OWNER, waits until they are ready, and prints how to connect.
begin_parts() {
  local owner=$1 name
  home=$2
  shift 2
  KIND=native
  TEST_DATA=yes # It need not survive the machine, so PostgreSQL does not wait for the disk.
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

# end_parts DIR: stops them and deletes their files. The folder itself belongs to the test.
end_parts() {
  home=$1
  KIND=native DATA=''
  load
  stop_native rabbitmq postgres
  [ -z "$DATA" ] || rm -rf "$DATA"
  rm -rf "$home"/{data,log,run,state,secrets}
  rm -f "$(registered "$home")"
}

# end_dead_parts: ends those whose test process has ended.
end_dead_parts() {
  local entry pid birth directory
  for entry in "$root"/.idoven/parts/*; do
    if [ ! -e "$entry" ]; then continue; fi
    read -r pid birth directory < "$entry"
    if lives "$pid" "$birth"; then continue; fi
    say "stopping PostgreSQL and RabbitMQ in $directory: their test process has ended"
    (end_parts "$directory")
    rmdir "$directory" 2> /dev/null || :
  done
}
