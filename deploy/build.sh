# Server and client are built when their sources have changed. Sourced after node.sh.

SERVER_SOURCES="CMakeLists.txt CMakePresets.json openapi.yaml server migrations"
CLIENT_SOURCES="client-web openapi.yaml server/domains server/http/problems.yaml"

jobs_at_once() {
    nproc 2>/dev/null || echo 2
}

# A tree that was moved or copied has a cache that names the old place: begin anew.
build_forget_moved() {
    local cache=$1/CMakeCache.txt
    [ -f "$cache" ] || return 0
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$HOUSE" "$cache" || rm -rf "$1"
}

server_compile() {
    local preset=$1
    build_forget_moved "$HOUSE/build/$preset"
    (cd "$HOUSE" && cmake --preset "$preset" && cmake --build "build/$preset" -j "$(jobs_at_once)")
}

server_build_locked() {
    local preset=$1 sources=$2 stamp
    stamp=$HOUSE/build/$preset/.linli-stamp
    stamped "$stamp" "$sources" && return
    must_step "building the server ($preset)" "build-$preset" \
        "the server could not be built; the compiler's message is above." server_compile "$preset"
    echo "$sources" >"$stamp"
}

# server_ensure preset [further sources…]
server_ensure() {
    local preset=$1 sources
    shift
    # shellcheck disable=SC2086
    sources=$(hash_of $SERVER_SOURCES "$@")
    stamped "$HOUSE/build/$preset/.linli-stamp" "$sources" && return
    with_lock "build-$preset" server_build_locked "$preset" "$sources" || exit 1
}

client_compile() {
    (cd "$HOUSE/client-web" && npm run build)
}

client_build_locked() {
    local sources=$1
    stamped "$CACHE/client.stamp" "$sources" && [ -f "$HOUSE/client-web/dist/index.html" ] && return
    npm_ensure client-web "fetching the client's libraries from npm"
    must_step "building the client" build-client "the client could not be built; the message is above." client_compile
    echo "$sources" >"$CACHE/client.stamp"
}

client_ensure() {
    local sources
    # shellcheck disable=SC2086
    sources=$(hash_of $CLIENT_SOURCES)
    stamped "$CACHE/client.stamp" "$sources" && [ -f "$HOUSE/client-web/dist/index.html" ] && return
    node_ensure
    with_lock build-client client_build_locked "$sources" || exit 1
}
