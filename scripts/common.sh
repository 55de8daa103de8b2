# shellcheck shell=bash
# Functions that every verb uses: messages, long steps, processes, ports, and the settings saved in $home.

# No build server keeps running after a verb has ended.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_NOLOGO=1

say() { echo "idoven: $*" >&2; }

die() {
  say "$*"
  exit 1
}

digest() { printf %s "$1" | sha256sum | cut -c1-10; }

# nap SECONDS: sleeps without a child process that would outlast a killed shell.
nap() { read -rt "$1" <> <(:) || :; }

# step TITLE LOG COMMAND...: runs a command with its output in a log. Prints the title, a line every 10 s, and how long it took.
# Prints the end of the output only if the command fails.
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

# follow LOG PID: prints the lines of a log as they are written, until that process ends.
follow() { tail -n +1 -s 0.2 --pid="$2" -f "$1"; }

# lock: lets only one verb at a time start, stop or build something in this checkout.
lock() {
  mkdir -p "$home"
  exec 9> "$home/lock"
  flock -n 9 || {
    say "waiting for another ./idoven in this checkout to finish"
    flock 9
  }
}

# lock_tests: lets only one test run at a time build and run, because a build replaces the programs that a run is executing.
lock_tests() {
  mkdir -p "$home"
  exec 8> "$home/tests.lock"
  flock -n 8 || {
    say "waiting for another test run of this checkout to end"
    flock 8
  }
}

# born PID: prints the start time of a process in clock ticks since boot. Fails if there is no such process, or if it is a zombie.
born() {
  local stat='' fields
  { IFS= read -rd '' stat < "/proc/$1/stat"; } 2> /dev/null || :
  read -ra fields <<< "${stat##*) }"
  [ "${fields[0]:-Z}" != Z ] && echo "${fields[19]}"
}

# lives PID BIRTH: succeeds if the process with this start time is running. The system may have given its id to another process since.
lives() { [ -n "${2:-}" ] && [ "$(born "$1")" = "$2" ]; }

# recorded NAME: sets pid, birth and as_what (the settings it was started with) from the record of a process.
recorded() {
  pid='' birth='' as_what=''
  { read -r pid birth as_what < "$home/run/$1"; } 2> /dev/null
}

alive() {
  local pid birth as_what
  recorded "$1" && lives "$pid" "$birth"
}

# alive_as NAME WHAT: succeeds if the process is running with these settings.
alive_as() {
  local pid birth as_what
  recorded "$1" && lives "$pid" "$birth" && [ "$as_what" = "$2" ]
}

process() { cut -d' ' -f1 "$home/run/$1"; }

# The names of the processes and containers that this run has started.
fresh=()

# spawn NAME WHAT COMMAND...: starts a daemon in its own session and records it. Keeps the log of the previous start.
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

# A daemon must not keep inherited descriptors open: a caller's lock would stay locked, and the reader of a caller's pipe would wait.
close_inherited() {
  local fd
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    if ((fd > 2)); then eval "exec $fd>&-"; fi
  done
}

# stop NAME SIGNAL: ends a recorded process with this signal, or with SIGKILL after 30 s.
stop() {
  local pid birth as_what
  if recorded "$1" && lives "$pid" "$birth"; then
    kill -s "$2" "$pid" 2> /dev/null || :
    within 30 gone "$pid" "$birth" || {
      say "$1 (process $pid) did not end within 30 s: sending SIGKILL"
      kill -s KILL "$pid" 2> /dev/null || :
      within 10 gone "$pid" "$birth" || die "process $pid did not end after SIGKILL"
    }
  fi
  rm -f "$home/run/$1"
}

gone() { ! lives "$1" "$2"; }

# within SECONDS COMMAND...: repeats a command until it succeeds; fails after that time.
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

# free_port NAME...: sets each of these variables that is empty to an unused port below the system's ephemeral ports.
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

# need_port PORT OPTION: stops if another program uses the port, and names the option that selects another one.
# Waits up to 3 s, because a process that was just killed may still hold it.
need_port() { within 3 untaken "$1" || die "port $1 is in use by another program: choose another port with ./idoven up $2 N"; }

# load: reads what an earlier run chose: containers or native, the ports, and the secrets (readable only by their owner).
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

# Passwords are used in URLs, so they are base64url of a length that needs no padding. Existing secrets are kept.
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
