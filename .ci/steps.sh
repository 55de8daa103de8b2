# shellcheck shell=bash
# What run and nightly share: steps that are timed and counted, an end that leaves nothing behind, and one plain line as the last.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
home=$PWD/.idoven
. scripts/common.sh

# Where this is set, a test that could not run here has failed.
export CI=true

passed=0 failed=0 skipped=0 current=''
logs=$(mktemp -d)

say() { echo "ci: $*"; }

if [ -e "$home/state" ]; then
  say "the service of this checkout is in use: run this in a clean clone"
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

# run_step MINUTES NAME COMMAND...: shows its output indented, says how long it took.
run_step() {
  local minutes=$1 name=$2 began=$SECONDS code=0
  shift 2
  say "$name"
  : > "$logs/step"
  timeout --kill-after=1m "${minutes}m" "$@" >> "$logs/step" 2>&1 < /dev/null &
  current=$!
  follow "$logs/step" "$current" | sed -u 's/^/    /' &
  wait "$current" || code=$?
  current=''
  wait
  if ((code == 0)); then say "$name: done in $((SECONDS - began)) s"; else say "$name: FAILED after $((SECONDS - began)) s (exit code $code)"; fi
  return "$code"
}

# prepare MINUTES NAME COMMAND...: counts when it fails.
prepare() { run_step "$@" || failed=$((failed + 1)); }

# check MINUTES NAME COMMAND...: counts as one.
check() { if run_step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

# count MINUTES NAME COMMAND...: counts as what its last line says.
count() {
  local code=0
  run_step "$@" || code=$?
  grep -A 25 "^failed " "$logs/step" >> "$logs/failures"
  if [[ $(tail -n 1 "$logs/step") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    ((code == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1))
  else
    failed=$((failed + 1))
  fi
}

# Containers where no registry can be reached: an engine and stand-ins for the images. What is there already is left alone. An image is
# built there with the machine's own network and the certificates that it trusts.
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

# What the checks need beside the .NET SDK, for what examples/ shows most of it: installed where it is missing and this is root.
ready_packages() {
  local missing=()
  command -v shellcheck > /dev/null || missing+=(shellcheck)
  /usr/bin/python3 -c 'import pika' 2> /dev/null || missing+=(python3-pika)
  command -v node > /dev/null || missing+=(nodejs)
  command -v npm > /dev/null || missing+=(npm)
  [ -x /usr/bin/chromium ] || missing+=(chromium)
  [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
  if ((${#missing[@]} > 0 && EUID == 0)); then
    prepare 10 "packages: ${missing[*]}" bash -c '. scripts/native.sh && install_packages "$@"' packages "${missing[@]}"
  fi
  prepare 5 "npm ci, the linters of the documents" npm --prefix .ci/lint ci
  prepare 5 "npm ci" npm --prefix examples/javascript ci
  prepare 5 "npm ci, the outside proof" npm --prefix tests/openid ci
  prepare 5 "npm ci, the browser proof" npm --prefix tests/browser ci
}

# verdict: says once more what failed among many lines, and ends with the count.
verdict() {
  if [ -s "$logs/failures" ]; then
    say "tests that failed"
    head -n 200 "$logs/failures" | sed 's/^/    /'
  fi
  end
  say "all of it took $SECONDS s"
  echo "$passed passed, $failed failed, $skipped skipped"
  exit $((failed > 0))
}
