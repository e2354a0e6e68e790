# What ./run and ./test share: how they speak, how they wait, how they fail. Sourced, never run.
# Needs: HOUSE (the folder of this repository, absolute). Sets: CACHE, LOGS.

CACHE=$HOUSE/.cache
LOGS=$CACHE/logs
STEP_LOG=

say() {
    printf '%s\n' "$*"
}

# Every refusal is one sentence on stderr, and 1.
fail() {
    printf '%s: %s\n' "${PROGRAM:-linli}" "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

is_root() {
    [ "$(id -u)" = 0 ]
}

# as_root command…: as root, by sudo where we are somebody else.
as_root() {
    if is_root; then
        "$@"
    else
        sudo "$@"
    fi
}

prepare_cache() {
    mkdir -p "$LOGS" 2>/dev/null || fail "the folder $CACHE cannot be written; give it to $(id -un), or copy the project to a folder of your own."
    # Tools that want a home find one here, also where HOME cannot be written.
    export npm_config_cache=$CACHE/npm
}

# The last line of the log that says something, cut to the width of a terminal.
last_line() {
    tail -c 2000 "$1" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-90
}

# watch_step log: shows every ten seconds that the step of that log lives; ends when it is killed or its parent is gone.
watch_step() {
    local since=$SECONDS shown=$SECONDS
    while sleep 1 && kill -0 $$ 2>/dev/null; do
        if [ $((SECONDS - shown)) -ge 10 ]; then
            shown=$SECONDS
            say "    $((SECONDS - since)) s  $(last_line "$1")"
        fi
    done
}

# step "What happens" log-name command…: runs it with its output in a log; shows progress; false when it failed.
# The command runs in the foreground, so that Ctrl-C reaches it. A function given here joins its commands by &&.
step() {
    local title=$1 log=$LOGS/$2.log since=$SECONDS code=0 watcher
    shift 2
    STEP_LOG=$log
    say "· $title …"
    watch_step "$log" 8>&- 9>&- &
    watcher=$!
    disown "$watcher"
    "$@" >"$log" 2>&1 </dev/null || code=$?
    kill -KILL "$watcher" 2>/dev/null || true
    [ $code = 0 ] || return $code
    say "    done in $((SECONDS - since)) s"
}

# must_step title log-name sentence command…: as step, but a failure ends everything with that sentence.
must_step() {
    local title=$1 log=$2 sentence=$3
    shift 3
    step "$title" "$log" "$@" && return
    tail -n 15 "$STEP_LOG" | sed 's/^/    | /' >&2
    fail "$sentence (everything it said: $STEP_LOG)"
}

# hash_of path…: one hash over the names and contents of all files below; what tools make themselves is left out.
hash_of() {
    (cd "$HOUSE" && find "$@" \( -name node_modules -o -name dist -o -name __pycache__ -o -name schema.d.ts \) -prune \
        -o -type f -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-64)
}

# stamped file value: true when the stamp of an earlier, finished run says the same.
stamped() {
    [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

# with_lock name command…: one at a time, also between two terminals.
with_lock() {
    local name=$1
    shift
    (
        exec 8>"$CACHE/$name.lock"
        if ! flock -n 8; then
            say "· waiting for another run that uses $name …"
            flock 8
        fi
        "$@" 8>&-
    )
}
