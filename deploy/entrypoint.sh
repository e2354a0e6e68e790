#!/bin/bash
# In a container: passwords come as files, and never stand in an argument or in the image.
#   entrypoint.sh prepare     makes the keys when there are none, then brings the schema up to date
#   entrypoint.sh <command>   linli <command>
set -eu

secret() {
    local file=/run/secrets/$1
    [ -r "$file" ] || {
        echo "linli: the secret $1 is missing; see deploy/secrets.sh" >&2
        exit 1
    }
    tr -d '\n' <"$file"
}

PGPASSWORD=$(secret "${LINLI_PASSWORD_SECRET:-linli_app_password}")
export PGPASSWORD

if [ "${1:-}" = prepare ]; then
    ls "$LINLI_KEY_DIR"/* >/dev/null 2>&1 || linli key create
    exec linli migrate
fi
exec linli "$@"
