# The databases of a test run. Sourced by ./test after deploy/*.sh. Needs: RUN (its folder), BINARY (a linli).
# linli_empty is migrated only, linli_template holds the demo city; tests copy them. Loading the city takes a while, so a
# stopped cluster with both is kept in .cache/template for as long as nothing that made it has changed.

TEMPLATE=$CACHE/template
TEMPLATE_SOURCES="migrations server/commands server/db server/seal server/auth server/core tests/lib/database.sh deploy/cluster.sh"

# Nothing of a test run has to outlive a power cut; what measures or kills PostgreSQL has a cluster of its own.
TEST_OPTIONS="-c fsync=off -c full_page_writes=off -c max_connections=400 -c min_wal_size=32MB -c max_wal_size=256MB"

# fill_database name verb…: a database that linli has migrated, and what else is asked.
fill_database() {
    local name=$1 verb
    shift
    cluster_database "$name" >/dev/null || fail "the test database could not be made."
    LINLI_OWNER_URL=$(cluster_url linli_owner "$name")
    LINLI_DATABASE_URL=$(cluster_url linli_app "$name")
    export LINLI_OWNER_URL LINLI_DATABASE_URL
    for verb in "$@"; do
        must_step "linli $verb ($name)" "test-$verb" "linli $verb failed on a new database." "$BINARY" "$verb"
    done
    unset LINLI_OWNER_URL LINLI_DATABASE_URL
}

make_databases() {
    cluster_create
    cluster_start "$TEST_OPTIONS"
    cluster_roles >/dev/null || fail "the roles of the test cluster could not be made."
    export LINLI_DEMO=1 LINLI_MIGRATIONS_DIR=$RUN/migrations LINLI_KEY_DIR=$RUN/keys
    mkdir -m 700 "$RUN/keys"
    must_step "making keys for the tests" keys "the keys could not be made." "$BINARY" key create
    fill_database linli_empty migrate
    if [ "$1" = city ]; then
        fill_database linli_template migrate seed
    fi
    unset LINLI_DEMO LINLI_MIGRATIONS_DIR LINLI_KEY_DIR
}

keep_template() {
    cluster_stop || fail "the test cluster did not stop."
    rm -rf "$TEMPLATE" &&
        mkdir -m 700 "$TEMPLATE" &&
        cp -a "$CLUSTER/data" "$RUN/keys" "$TEMPLATE/" &&
        printf '%s\n' "$1" >"$TEMPLATE/stamp" || fail "the databases for tests could not be kept in $TEMPLATE."
    cluster_start "$TEST_OPTIONS"
}

use_template() {
    cp -a "$TEMPLATE/data" "$CLUSTER/data.new" && cp -a "$TEMPLATE/keys" "$RUN/keys" || fail "$TEMPLATE could not be copied; remove it."
    mkdir -p -m 700 "$CLUSTER/socket"
    : >>"$CLUSTER/postgres.log"
    cluster_give_away
    # The last word in the configuration counts: this cluster's own socket.
    cluster_configure >>"$CLUSTER/data.new/postgresql.conf"
    mv "$CLUSTER/data.new" "$CLUSTER/data"
    cluster_start "$TEST_OPTIONS"
}

prepare_template() {
    local sources
    # shellcheck disable=SC2086
    sources=$(hash_of $TEMPLATE_SOURCES)
    if stamped "$TEMPLATE/stamp" "$sources"; then
        say "· copying the databases that an earlier run has made"
        use_template
    else
        make_databases city
        keep_template "$sources"
    fi
}

# prepare_database empty|city
prepare_database() {
    cluster_place "$RUN"
    # Whoever edits a migration while tests run does not disturb them.
    cp -a "$HOUSE/migrations" "$RUN/migrations"
    export LINLI_TEST_MIGRATIONS=$RUN/migrations
    if [ "$1" = city ]; then
        with_lock template prepare_template || exit 1
    else
        make_databases empty
    fi
    export LINLI_TEST_SOCKET=$CLUSTER/socket LINLI_TEST_PGPORT=$PG_PORT LINLI_TEST_KEYS=$RUN/keys
}
