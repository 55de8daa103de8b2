# shellcheck shell=bash
# The test run: builds once, runs all tests, prints one line, and leaves no process, container or file.

# run_tests [--native] [--split] [FILTER...]
run_tests() {
  local kind=containers log="$home/log/test.log" code=0 lenient=() ticker passed failed skipped
  while :; do
    case ${1:-} in
      --native) kind=native ;;
      --split)
        export IDOVEN_TEST_HOSTS=split
        set -- "$@" --project tests/Idoven.Host.Tests --filter-not-trait Hosts=one
        ;;
      *) break ;;
    esac
    shift
  done
  if [ "$kind" = containers ] && ! engine_answers; then
    kind=native
    say "no container engine is available: the tests use native PostgreSQL and RabbitMQ"
  fi
  need_dotnet
  lock_tests
  mkdir -p "$home/log"
  IDOVEN_TEST_RUN=$(digest "$$ $(born $$)")
  export IDOVEN_TEST_PARTS=$kind IDOVEN_TEST_RUN
  if [ "$kind" = native ]; then need_packages; else ready_testcontainers; fi
  remove_leftovers
  trap end_tests EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  lock
  cd "$root"
  step "Restoring packages" restore dotnet restore --locked-mode || verdict 0 1 0
  step "Building" build dotnet build -c Release --no-restore -v q || verdict 0 1 0
  exec 9>&-

  # With a filter, a project may have no matching test (exit code 8). Without one, that is a failure.
  (($# == 0)) || lenient=(--ignore-exit-code 8)
  say "Testing ($kind) ..."
  # In its own session, so that SIGKILL reaches all of its processes. SIGTERM would only stop the hosts inside the tests.
  : > "$log"
  setsid dotnet test --no-build -c Release --output Detailed "${lenient[@]}" "$@" >> "$log" 2>&1 < /dev/null 8>&- &
  runner=$!
  follow "$log" "$runner" 8>&- | narrate >&2 8>&- &
  while nap 10 && kill -0 "$runner" 2> /dev/null; do
    say "testing: $SECONDS s so far, $(grep -c '^passed ' "$log") passed"
  done 8>&- &
  ticker=$!
  wait "$runner" || code=$?
  runner=''
  kill "$ticker" 2> /dev/null || :
  wait

  read -r passed failed skipped < <(
    awk '/^Test run summary/ { ended = 1 } ended && /^ *succeeded: / { p = $2 }
      ended && /^ *failed: / { f = $2 } ended && /^ *skipped: / { s = $2 }
      END { print p + 0, f + 0, s + 0 }' "$log"
  )
  # A crash or a project without tests is a failure that only the exit code shows.
  if ((code != 0 && failed == 0)); then
    say "dotnet test ended with exit code $code (8: a project has no test)"
    failed=1
  fi
  if ((passed + failed == 0)); then
    say "no test ran"
    failed=1
  fi
  verdict "$passed" "$failed" "$skipped"
}

# run_host_classes on|only CLASS...: runs classes of the host tests as last built, with their explicit tests (on) or only those (only).
# Ends with the same last line and exit code as run_tests. Fails if a class does not exist.
run_host_classes() {
  local explicit=$1 program=tests/Idoven.Host.Tests/bin/Release/net10.0/Idoven.Host.Tests.dll log="$home/log/host-classes.log"
  local class arguments=() code=0 total failed skipped
  shift
  for class; do
    dotnet "$program" -noColor -list classes -class "$class" | grep -qxF "$class" || die "unknown test class: $class"
    arguments+=(-class "$class")
  done
  mkdir -p "$home/log"
  IDOVEN_TEST_PARTS=native dotnet "$program" -noColor -explicit "$explicit" -showLiveOutput "${arguments[@]}" 8>&- | tee "$log" || code=$?
  read -r total failed skipped < <(
    sed -nE 's/.* Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+), Not Run: ([0-9]+),.*/\1 \2 \3 \4 \5/p' "$log" |
      awk '{ total += $1 - $5; failed += $2 + $3; skipped += $4 } END { print total + 0, failed + 0, skipped + 0 }'
  )
  if ((code != 0 && failed == 0)); then failed=1; fi
  if ((total == 0)); then
    say "no test ran"
    failed=1 total=1
  fi
  echo "$((total - failed - skipped)) passed, $failed failed, $skipped skipped"
  exit $((failed > 0))
}

# narrate: copies the output of the tests without passed tests and without the logs of hosts. The log file has all of it.
narrate() {
  local line quiet=''
  while IFS= read -r line; do
    case $line in
      '  Standard output:'* | '  Error output:'*) quiet=yes ;;
      ' '*) ;;
      *) quiet='' ;;
    esac
    case $quiet$line in yes* | 'passed '* | '  from '*) ;; *) echo "$line" ;; esac
  done
}

# verdict PASSED FAILED SKIPPED: prints the last line and exits.
verdict() {
  trap - EXIT
  end_tests
  echo "$1 passed, $2 failed, $3 skipped"
  exit $(($2 > 0))
}

end_tests() {
  if [ -n "${runner:-}" ]; then
    kill -s KILL -- "-$runner" 2> /dev/null || :
    wait "$runner" 2> /dev/null || :
    within 5 no_group "$runner" || :
  fi
  remove_leftovers
}

no_group() { ! kill -s 0 -- "-$1" 2> /dev/null; }

# Testcontainers uses version 1.44 of Docker's API by default, which an older engine rejects. Its reaper would need another image;
# remove_leftovers does the same.
ready_testcontainers() {
  local api
  api=$(docker version --format '{{.Server.APIVersion}}')
  if [ "$(printf '%s\n' "$api" 1.44 | sort -V | head -n 1)" != 1.44 ]; then export DOCKER_API_VERSION=${DOCKER_API_VERSION:-$api}; fi
  export TESTCONTAINERS_RYUK_DISABLED=${TESTCONTAINERS_RYUK_DISABLED:-true}
}

# remove_leftovers: ends containers and native instances whose test process has ended.
remove_leftovers() {
  if engine_answers; then remove_dead_containers; fi
  end_dead_parts
}

remove_dead_containers() {
  local id pid name
  docker ps -a --filter label=idoven.run --format '{{.ID}} {{.Label "idoven.pid"}} {{.Names}}' | while read -r id pid name; do
    if [[ ! $pid =~ ^[0-9]+$ ]] || born "$pid" > /dev/null; then continue; fi
    say "removing $name, a container of a test run that has ended"
    docker rm -fv "$id" > /dev/null
  done
}
