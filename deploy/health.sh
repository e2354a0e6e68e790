#!/bin/bash
# Healthy means: ready to serve, which needs the database.
exec 3<>"/dev/tcp/127.0.0.1/${LINLI_PORT:-8080}" || exit 1
printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 4 line <&3 || exit 1
case $line in *" 200 "*) exit 0 ;; esac
exit 1
