# shellcheck shell=bash
# Functions of run and nightly: timed and counted steps, clean-up at the end, and a last line with the totals.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
home=$PWD/.idoven
. scripts/common.sh

# In CI, a test that would be skipped because something is missing fails.
export CI=true

passed=0 failed=0 skipped=0 current=''

# What a step should take at most on a quiet machine with two cores, in seconds, by its name. Where any step has a budget, all must have one.
declare -A budget=()
took=()
logs=$(mktemp -d)

say() { echo "ci: $*"; }

if [ -e "$home/state" ]; then
  say "the service of this checkout is in use: run .ci/run in a clean clone"
  exit 2
fi

end() {
  trap - EXIT INT TERM
  if [ -n "$current" ]; then
    kill "$current" 2> /dev/null
    wait "$current"
  fi
  ./idoven down --purge > /dev/null 2>&1
  if [ -n "${IDOVEN_IMAGE:-}" ]; then
    docker compose --profile demo down --volumes > /dev/null 2>&1
    docker image rm "$IDOVEN_IMAGE" "$IDOVEN_IMAGE-demo" > /dev/null 2>&1
  fi
  rm -rf "$logs"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run_step MINUTES NAME COMMAND...: runs a command with a time limit, prints its output indented, and how long it took.
run_step() {
  local minutes=$1 name=$2 began=$SECONDS code=0 seconds wanted=''
  shift 2
  if ((${#budget[@]} > 0)) && [ -z "${budget[$name]:-}" ]; then
    say "$name: FAILED, the step has no budget"
    return 1
  fi
  say "$name"
  : > "$logs/step"
  timeout --kill-after=1m "${minutes}m" "$@" >> "$logs/step" 2>&1 < /dev/null &
  current=$!
  follow "$logs/step" "$current" | sed -u 's/^/    /' &
  wait "$current" || code=$?
  current=''
  wait
  seconds=$((SECONDS - began))
  if [ -n "${budget[$name]:-}" ]; then
    wanted=", budget ${budget[$name]} s"
    took+=("$(printf '%5d %6d   %s' "$seconds" "${budget[$name]}" "$name")")
  fi
  if ((code == 0)); then
    say "$name: done in $seconds s$wanted"
  else
    say "$name: FAILED after $seconds s$wanted (exit code $code)"
  fi
  return "$code"
}

# prepare MINUTES NAME COMMAND...: adds to the total only if it fails.
prepare() { run_step "$@" || failed=$((failed + 1)); }

# check MINUTES NAME COMMAND...: adds one to the total.
check() { if run_step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

# count MINUTES NAME COMMAND...: adds the numbers of the command's last line to the total. A command that ran no test is a failure.
count() {
  local code=0
  run_step "$@" || code=$?
  grep -A 25 "^failed " "$logs/step" >> "$logs/failures"
  if [[ $(tail -n 1 "$logs/step") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    ((code == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1))
    if ((BASH_REMATCH[1] + BASH_REMATCH[2] + BASH_REMATCH[3] == 0)); then
      say "$name: no test ran"
      failed=$((failed + 1))
    fi
  else
    failed=$((failed + 1))
  fi
}

# ready_containers: where no registry is reachable, installs a container engine and substitutes for the images, unless they exist.
# Images are then built with the machine's network and its trusted certificates.
ready_containers() {
  local began=$SECONDS variables
  if [ ! -x ../shared/containers/up ]; then return; fi
  if variables=$(../shared/containers/up 2> "$logs/containers"); then
    eval "$variables"
    export IDOVEN_BUILD_NETWORK=host IDOVEN_BUILD_CA=/etc/ssl/certs/ca-certificates.crt
    say "containers: ready in $((SECONDS - began)) s"
  else
    sed 's/^/    /' "$logs/containers"
    say "containers: FAILED after $((SECONDS - began)) s"
    failed=$((failed + 1))
  fi
}

# ready_packages: installs what the checks need besides the .NET SDK, mostly to run examples/. Needs root.
ready_packages() {
  local missing=()
  command -v shellcheck > /dev/null || missing+=(shellcheck)
  /usr/bin/python3 -c 'import pika' 2> /dev/null || missing+=(python3-pika)
  command -v node > /dev/null || missing+=(nodejs)
  command -v npm > /dev/null || missing+=(npm)
  [ -x /usr/bin/chromium ] || missing+=(chromium)
  [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
  if ((${#missing[@]} > 0 && EUID == 0)); then
    say "packages: ${missing[*]}"
    prepare 10 "packages" bash -c '. scripts/native.sh && install_packages "$@"' packages "${missing[@]}"
  fi
  prepare 5 "npm ci, API document linters" npm --prefix .ci/lint ci
  prepare 5 "npm ci, JavaScript example" npm --prefix examples/javascript ci
  prepare 5 "npm ci, OpenID conformance tests" npm --prefix tests/openid ci
  prepare 5 "npm ci, browser tests" npm --prefix tests/browser ci
}

# verdict: prints failed tests again, then the totals, and exits.
verdict() {
  if [ -s "$logs/failures" ]; then
    say "failed tests"
    head -n 200 "$logs/failures" | sed 's/^/    /'
  fi
  end
  if ((${#took[@]} > 0)); then
    say "seconds, and the budget on a quiet machine"
    printf '    %s\n' "${took[@]}"
    printf '    %5d %6d   %s\n' "$SECONDS" "$(IFS=+ && echo $((${budget[*]})))" "all"
  fi
  say "total time: $SECONDS s"
  echo "$passed passed, $failed failed, $skipped skipped"
  exit $((failed > 0))
}
