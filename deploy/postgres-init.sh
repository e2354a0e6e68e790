#!/bin/bash
# Run once by the PostgreSQL image on an empty data folder: the two roles and the database, passwords from the secrets.
# linli_owner owns everything and serves nobody; linli_app serves and owns nothing.
set -eu

owner=$(tr -d '\n' </run/secrets/linli_owner_password)
app=$(tr -d '\n' </run/secrets/linli_app_password)
export owner app
psql -X -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres <<'SQL'
\getenv owner owner
\getenv app app
create role linli_owner login nosuperuser nocreatedb nocreaterole nobypassrls password :'owner';
create role linli_app login nosuperuser nocreatedb nocreaterole nobypassrls password :'app';
create database linli owner linli_owner template template0 encoding 'UTF8' locale 'C.UTF-8';
revoke all on database linli from public;
grant connect on database linli to linli_app;
SQL
