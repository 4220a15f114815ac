#!/bin/bash
# Run by the PostgreSQL image when its volume is new: a role that owns its database and nothing else.
set -euo pipefail
# The image has put the superuser's password into PGPASSWORD.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres <<SQL
\set password \`cat "${HOLDWATCH_PASSWORD_FILE:-/run/secrets/holdwatch_password}"\`
CREATE ROLE holdwatch LOGIN PASSWORD :'password';
CREATE DATABASE holdwatch OWNER holdwatch TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE holdwatch FROM PUBLIC;
SQL
