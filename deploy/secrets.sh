#!/usr/bin/env bash
# Makes what docker-compose.yml takes as files in deploy/secrets: random passwords, and a certificate of one's own to begin with
# (replace tls_certificate.pem and tls_key.pem by real ones before anybody else uses the site). Never replaces a file.
set -eu
umask 077

folder=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)/secrets
for name in postgres_password linli_owner_password linli_app_password; do
    # The containers read them as other users; the folder itself stays closed to everybody else on this machine.
    [ -e "$folder/$name" ] || { openssl rand -hex 24 >"$folder/$name" && chmod 644 "$folder/$name"; }
done
if [ ! -e "$folder/tls_key.pem" ]; then
    openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj "/CN=${1:-localhost}" \
        -addext "subjectAltName=DNS:${1:-localhost}" -keyout "$folder/tls_key.pem" -out "$folder/tls_certificate.pem" 2>/dev/null
    chmod 644 "$folder/tls_key.pem" "$folder/tls_certificate.pem"
fi
chmod 700 "$folder"
echo "deploy/secrets is complete"
