# shellcheck shell=bash
# Sourced by the scripts beside it: how they speak, run long steps, and stop.
#
# A long step runs in a session of its own with its output in a log; one line tells how far it is
# (rewritten in a terminal, else a new one every few seconds). On failure the log is shown.

program=scripts/$(basename "$0")
child=

say() {
  printf '%s\n' "$*"
}

fail() {
  printf '%s: %s\n' "$program" "$*" >&2
  exit 1
}

# Ends the step that runs, with all that it started, and this script with `128 + signal`.
stop_on_signal() {
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null
    wait "$child" 2>/dev/null
  fi
  if [[ -t 1 ]]; then printf '\n'; fi
  printf '%s: stopped.\n' "$program" >&2
  exit "$1"
}
trap 'stop_on_signal 130' INT
trap 'stop_on_signal 143' TERM
trap 'stop_on_signal 129' HUP

# A descriptor that never has anything to read: `read -t` on it waits without a process.
exec {idle}<> <(:)

# in_foreground COMMAND...: runs it with our output; ends with its status.
in_foreground() {
  setsid "$@" </dev/null &
  child=$!
  local status=0
  wait "$child" || status=$?
  child=
  return "$status"
}

# The last thing that a log tells, as a part of a line.
last_words() {
  tail -c 400 "$1" | tr '\r' '\n' | awk 'NF { line = $0 } END { print substr(line, 1, 60) }'
}

# step WORDS LOG COMMAND...: runs it with its output in LOG; ends with its status.
step() {
  local words=$1 log=$2 started=$SECONDS printed=$SECONDS status=0
  shift 2
  mkdir -p "$(dirname "$log")"
  setsid "$@" </dev/null >"$log" 2>&1 &
  child=$!
  if [[ ! -t 1 ]]; then say "$words ..."; fi
  while kill -0 "$child" 2>/dev/null; do
    read -rt 0.3 -u "$idle" || true
    if [[ -t 1 ]]; then
      printf '\r\033[K%s, %s s: %s' "$words" "$((SECONDS - started))" "$(last_words "$log")"
    elif ((SECONDS - printed >= 5)); then
      printed=$SECONDS
      say "  $((SECONDS - started)) s: $(last_words "$log")"
    fi
  done
  wait "$child" || status=$?
  child=
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
  if ((status == 0)); then say "$words: done in $((SECONDS - started)) s."; fi
  return "$status"
}

# Compilers need memory: at most one for each 1.2 GB that is free, and one for each core.
compile_jobs() {
  local cores free_kilobytes jobs
  cores=$(nproc)
  free_kilobytes=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  jobs=$((free_kilobytes / 1200000))
  ((jobs < cores)) || jobs=$cores
  ((jobs > 0)) || jobs=1
  echo "$jobs"
}

# configure_preset PRESET: does nothing where that was done before; ninja sees to changes.
configure_preset() {
  local log=build/$1/build.log
  if [[ ! -f build/$1/build.ninja ]]; then
    if ! step "Configuring $1" "$log" cmake --preset "$1"; then
      cat "$log" >&2
      say "$program: cmake could not configure the build; its words are above and in $log." >&2
      return 1
    fi
  fi
}

# build_preset PRESET [TARGET...]: configures where it is needed and builds; quick where all is done.
build_preset() {
  local preset=$1 log=build/$1/build.log targets=()
  shift
  configure_preset "$preset" || return
  if (($# > 0)); then targets=(--target "$@"); fi
  if ! step "Building $preset" "$log" \
    cmake --build --preset "$preset" --parallel "$(compile_jobs)" "${targets[@]}"; then
    grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" >&2
    say "$program: the build failed; the compiler's words are above and in $log." >&2
    return 1
  fi
}

# build [TARGET...]: what people run; ends the script where it cannot be built.
build() {
  build_preset release "$@" || exit 1
}

# control_plane: builds what tests/cluster runs against. Without Go there is none, and each program
# that needs it says that it was skipped.
control_plane() {
  local log=build/cluster/build.log status=0
  step "Building a control plane" "$log" tests/cluster/build.sh || status=$?
  if ((status == 77)); then
    say "skipped: $(last_words "$log")"
    rm -f build/cluster/bin
  elif ((status != 0)); then
    cat "$log" >&2
    return 1
  fi
}
