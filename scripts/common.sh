# shellcheck shell=bash
# What every verb rests on: words, long steps, processes known by id and birth, ports, and what is remembered in $home.

# No build server stays behind when a verb ends.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_NOLOGO=1

say() { echo "idoven: $*" >&2; }

die() {
  say "$*"
  exit 1
}

digest() { printf %s "$1" | sha256sum | cut -c1-10; }

# A sleep that leaves no process behind when its shell is killed.
nap() { read -rt "$1" <> <(:) || :; }

# step WHAT LOG COMMAND...: runs it with its output in a log; says that it works, still works, and how long it took. Only a failure shows output.
step() {
  local what=$1 log="$home/log/$2.log" began=$SECONDS code=0 ticker
  shift 2
  mkdir -p "$home/log"
  say "$what ..."
  while nap 10 && kill -0 $$ 2> /dev/null; do say "$what: $((SECONDS - began)) s so far"; done 8>&- 9>&- &
  ticker=$!
  "$@" > "$log" 2>&1 < /dev/null 8>&- 9>&- || code=$?
  kill "$ticker" 2> /dev/null || :
  wait "$ticker" 2> /dev/null || :
  if ((code != 0)); then
    tail -n 30 "$log" >&2
    say "$what: failed after $((SECONDS - began)) s; the whole output is in $log"
    return "$code"
  fi
  say "$what: $((SECONDS - began)) s"
}

# follow LOG PID: its lines as they come, until that process ends.
follow() { tail -n +1 -s 0.2 --pid="$2" -f "$1"; }

# One verb at a time changes what runs.
lock() {
  mkdir -p "$home"
  exec 9> "$home/lock"
  flock -n 9 || {
    say "another ./idoven is at work here: waiting for it"
    flock 9
  }
}

# lock_tests: one test run at a time, from its build to its end, so that no other run builds the programs that it is executing.
lock_tests() {
  mkdir -p "$home"
  exec 8> "$home/tests.lock"
  flock -n 8 || {
    say "waiting for another test run of this checkout to end"
    flock 8
  }
}

# The tick of the machine's clock at which process $1 began; fails when there is no such process, or only its exit code waits.
born() {
  local stat='' fields
  { IFS= read -rd '' stat < "/proc/$1/stat"; } 2> /dev/null || :
  read -ra fields <<< "${stat##*) }"
  [ "${fields[0]:-Z}" != Z ] && echo "${fields[19]}"
}

# lives PID BIRTH: whether that process still runs; an id that another program has inherited since is not it.
lives() { [ -n "${2:-}" ] && [ "$(born "$1")" = "$2" ]; }

# recorded NAME: sets pid, birth and what it was started as.
recorded() {
  pid='' birth='' as_what=''
  { read -r pid birth as_what < "$home/run/$1"; } 2> /dev/null
}

alive() {
  local pid birth as_what
  recorded "$1" && lives "$pid" "$birth"
}

# alive_as NAME WHAT: whether it runs, and as it should be started now.
alive_as() {
  local pid birth as_what
  recorded "$1" && lives "$pid" "$birth" && [ "$as_what" = "$2" ]
}

process() { cut -d' ' -f1 "$home/run/$1"; }

# What this run has started.
fresh=()

# spawn NAME WHAT COMMAND...: starts what outlives this script, in a session of its own, and records it. The log before this one is kept.
spawn() {
  local name=$1 what=$2 log="$home/log/$1.log" pid
  shift 2
  mkdir -p "$home/run" "$home/log"
  [ ! -e "$log" ] || mv "$log" "$log.1"
  (close_inherited && cd / && exec setsid "$@") > "$log" 2>&1 < /dev/null &
  pid=$!
  echo "$pid $(born "$pid") $what" > "$home/run/$name"
  fresh+=("$name")
}

# A process that stays must not keep what its caller had open: a lock, or a pipe whose reader waits for its end.
close_inherited() {
  local fd
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    if ((fd > 2)); then eval "exec $fd>&-"; fi
  done
}

# stop NAME SIGNAL: ends a recorded process, by force after 30 s.
stop() {
  local pid birth as_what
  if recorded "$1" && lives "$pid" "$birth"; then
    kill -s "$2" "$pid" 2> /dev/null || :
    within 30 gone "$pid" "$birth" || {
      say "$1 (process $pid) did not end within 30 s: killing it"
      kill -s KILL "$pid" 2> /dev/null || :
      within 10 gone "$pid" "$birth" || die "process $pid does not end"
    }
  fi
  rm -f "$home/run/$1"
}

gone() { ! lives "$1" "$2"; }

# within SECONDS COMMAND...: tries until it succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

taken() {
  local address
  for address in 127.0.0.1 ::1; do
    (exec 3<> "/dev/tcp/$address/$1") 2> /dev/null && return
  done
  return 1
}

# free_port NAME...: gives each of these variables that is empty a port that nobody uses now, below those that the system hands out.
free_port() {
  local name port
  for name; do
    while [ -z "${!name:-}" ]; do
      port=$((10000 + RANDOM % 20000))
      taken "$port" || printf -v "$name" %s "$port"
    done
  done
}

untaken() { ! taken "$1"; }

# need_port PORT OPTION: stops with the option that helps when someone else has the port. One that was just killed may hold it for a moment.
need_port() { within 3 untaken "$1" || die "port $1 is taken by another program: choose another one with ./idoven up $2 N"; }

# What is chosen once and kept: the kind of the parts and the ports, and, readable by their owner only, the secrets.
load() {
  # shellcheck source=/dev/null
  [ ! -e "$home/state" ] || . "$home/state"
  # shellcheck source=/dev/null
  [ ! -e "$home/secrets" ] || . "$home/secrets"
}

save() {
  local name
  for name in KIND DATA PORT MANAGEMENT_PORT POSTGRES_PORT BROKER_PORT; do
    [ -z "${!name:-}" ] || printf '%s=%q\n' "$name" "${!name}"
  done > "$home/state.new"
  mv "$home/state.new" "$home/state"
}

# Passwords stand in addresses: base64 in its form for those, of a length without padding. What is there already stays.
make_secrets() {
  local name new="$home/secrets.new"
  (
    umask 077
    cat "$home/secrets" > "$new" 2> /dev/null || :
    for name in POSTGRES_PASSWORD BROKER_PASSWORD SUBSCRIBER_PASSWORD ECGS_PASSWORD USERS_PASSWORD IDENTITY_PASSWORD; do
      grep -q "^$name=" "$new" || echo "$name=$(head -c 24 /dev/urandom | base64 | tr +/ -_)" >> "$new"
    done
    grep -q ^MASTER_KEY= "$new" || echo "MASTER_KEY=$(head -c 32 /dev/urandom | base64)" >> "$new"
  )
  mv "$new" "$home/secrets"
  load
}
