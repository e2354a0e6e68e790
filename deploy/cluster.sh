# A private PostgreSQL 15: its own data folder, its own socket in a folder nobody else may enter, no TCP, never Debian's own cluster.
# Sourced after lib.sh. cluster_place chooses; cluster_create, cluster_start, cluster_stop work on what was chosen.
# Sets: CLUSTER (folder with data/, socket/, log), CLUSTER_USER.

PG_BIN=/usr/lib/postgresql/15/bin
PG_PORT=5432
SOCKET_MAX=106

# PostgreSQL refuses to run as root: then it runs as postgres.
cluster_as() {
    if is_root; then
        (cd / && exec runuser -u postgres -- "$@")
    else
        (cd / && "$@")
    fi
}

cluster_reaches() {
    cluster_as test -x "$1" 2>/dev/null
}

# A folder below /var/tmp for what PostgreSQL cannot reach; written down beside the data folder's other things.
cluster_fallback() {
    local note=$1/cluster.place folder
    folder=$(cat "$note" 2>/dev/null) || folder=
    if [ -z "$folder" ] || [ ! -d "$folder" ] || [ ! -O "$folder" ]; then
        folder=$(mktemp -d /var/tmp/linli-XXXXXXXX) || fail "PostgreSQL cannot reach $1, and /var/tmp cannot be written."
        chmod 711 "$folder"
        printf '%s\n' "$folder" >"$note"
    fi
    printf '%s' "$folder"
}

# cluster_place folder: keeps the cluster in that folder where PostgreSQL can reach it and the socket's name is short enough.
cluster_place() {
    local wanted=$1 length
    length=$(printf '%s/socket/.s.PGSQL.%s' "$wanted" $PG_PORT | wc -c)
    CLUSTER=$wanted
    if [ "$length" -gt $SOCKET_MAX ] || ! cluster_reaches "$wanted"; then
        CLUSTER=$(cluster_fallback "$wanted") || exit 1
        say "· PostgreSQL cannot work in $wanted; its files are in $CLUSTER"
    fi
}

# initdb into a folder beside, then one rename: a run that was interrupted leaves nothing that looks finished.
cluster_initdb() {
    rm -rf "$CLUSTER/data.new" &&
        mkdir -m 700 "$CLUSTER/data.new" &&
        mkdir -p "$CLUSTER/socket" &&
        chmod 700 "$CLUSTER/socket" &&
        : >>"$CLUSTER/postgres.log" &&
        cluster_give_away &&
        cluster_as env -u LC_ALL -u LANG "$PG_BIN/initdb" -D "$CLUSTER/data.new" -U postgres -E UTF8 --locale=C.UTF-8 \
            --auth-local=trust --auth-host=reject --no-instructions &&
        cluster_configure >>"$CLUSTER/data.new/postgresql.conf" &&
        mv "$CLUSTER/data.new" "$CLUSTER/data"
}

cluster_give_away() {
    ! is_root || chown postgres: "$CLUSTER/data.new" "$CLUSTER/socket" "$CLUSTER/postgres.log"
}

# Only the socket folder's mode decides who may come in: there is no password to keep and none to lose.
cluster_configure() {
    local quoted=${CLUSTER//\'/\'\'}
    cat <<CONF

# by Linli
listen_addresses = ''
port = $PG_PORT
unix_socket_directories = '"${quoted//\"/\"\"}/socket"'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
log_min_duration_statement = 2000
log_parameter_max_length = 0
password_encryption = scram-sha-256
jit = off
CONF
}

cluster_exists() {
    [ -f "$CLUSTER/data/PG_VERSION" ]
}

cluster_create() {
    cluster_exists && return
    [ -x "$PG_BIN/initdb" ] || fail "PostgreSQL 15 is not installed at $PG_BIN."
    must_step "making a private PostgreSQL cluster" initdb "PostgreSQL's data folder could not be made in $CLUSTER." cluster_initdb
}

cluster_running() {
    cluster_as "$PG_BIN/pg_ctl" -D "$CLUSTER/data" status >/dev/null 2>&1
}

# cluster_start [further options of postgres]: also after a crash, and when an earlier run left it running.
cluster_start() {
    cluster_running && return
    cluster_as "$PG_BIN/pg_ctl" -D "$CLUSTER/data" -l "$CLUSTER/postgres.log" -w -t 60 ${1:+-o "$1"} start >/dev/null 2>&1 9>&- </dev/null && return
    tail -n 5 "$CLUSTER/postgres.log" | sed 's/^/    | /' >&2
    fail "PostgreSQL did not start; the reason is the last line of $CLUSTER/postgres.log."
}

cluster_stop() {
    cluster_running || return 0
    cluster_as "$PG_BIN/pg_ctl" -D "$CLUSTER/data" -m "${1:-fast}" -w -t 30 stop >/dev/null 2>&1
}

# Percent-encodes what a connection address cannot hold as it is.
url_encode() {
    local LC_ALL=C text=$1 out= i c
    for ((i = 0; i < ${#text}; i++)); do
        c=${text:i:1}
        case $c in
        [a-zA-Z0-9._~-]) out+=$c ;;
        *)
            printf -v c '%%%02X' "'$c"
            out+=$c
            ;;
        esac
    done
    printf '%s' "$out"
}

# cluster_url role database
cluster_url() {
    printf 'postgresql://%s@/%s?host=%s&port=%s' "$1" "$2" "$(url_encode "$CLUSTER/socket")" "$PG_PORT"
}

cluster_psql() {
    local database=$1
    shift
    psql -X -q -v ON_ERROR_STOP=1 -h "$CLUSTER/socket" -p $PG_PORT -U postgres -d "$database" "$@"
}

# The two roles: one owns everything and serves nobody, the other serves and owns nothing.
cluster_roles() {
    cluster_psql postgres <<'SQL'
select format('create role %I login nosuperuser nocreatedb nocreaterole nobypassrls', wanted)
from unnest(array['linli_owner', 'linli_app']) wanted
where not exists (select from pg_roles where rolname = wanted)
\gexec
SQL
}

# cluster_database name
cluster_database() {
    cluster_psql postgres -v name="$1" <<'SQL'
select format('create database %I owner linli_owner template template0 encoding %L locale %L', :'name', 'UTF8', 'C.UTF-8')
where not exists (select from pg_database where datname = :'name')
\gexec
select format('revoke all on database %I from public', :'name') \gexec
select format('grant connect on database %I to linli_app', :'name') \gexec
SQL
}
