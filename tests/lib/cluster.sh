#!/usr/bin/env bash
# PostgreSQL clusters for tests that need one of their own (they kill it, or they measure durable commits).
#   cluster.sh start FOLDER [options of postgres]      makes it when it is not there; prints the socket folder
#   cluster.sh copy SOCKET FOLDER                      a copy of a running cluster, not started
#   cluster.sh stop FOLDER [fast|immediate]
set -eu

PROGRAM=cluster
HOUSE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=/dev/null
. "$HOUSE/deploy/lib.sh"
# shellcheck source=/dev/null
. "$HOUSE/deploy/cluster.sh"
export PROGRAM

copy_from() {
    local folder=$CLUSTER/data
    mkdir -m 700 "$folder"
    mkdir -p "$CLUSTER/socket"
    chmod 700 "$CLUSTER/socket"
    : >>"$CLUSTER/postgres.log"
    if is_root; then
        chown postgres: "$folder" "$CLUSTER/socket" "$CLUSTER/postgres.log"
    fi
    cluster_as "$PG_BIN/pg_basebackup" -h "$1" -p $PG_PORT -U postgres -D "$folder" -c fast -X fetch
    # The copy's own socket folder stands last in its configuration, and the last word counts.
    cluster_configure >>"$folder/postgresql.conf"
}

command=$1
case $command in
start)
    mkdir -p "$2"
    cluster_place "$(cd -- "$2" && pwd -P)" >&2
    cluster_exists || {
        cluster_initdb >/dev/null
        cluster_start "${3:-}"
        cluster_roles >/dev/null
    }
    cluster_start "${3:-}"
    printf '%s\n' "$CLUSTER/socket"
    ;;
copy)
    mkdir -p "$3"
    cluster_place "$(cd -- "$3" && pwd -P)" >&2
    copy_from "$2"
    ;;
stop)
    cluster_place "$(cd -- "$2" && pwd -P)" >&2
    cluster_stop "${3:-fast}"
    ;;
*) exit 2 ;;
esac
