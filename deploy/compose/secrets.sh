#!/bin/sh
# Makes the passwords of docker-compose.yml, once, each in a file that only the container's user who reads it may read.
# Run it as root (the files change hands): sudo deploy/compose/secrets.sh. Existing files are kept.
set -eu
umask 077
folder=$(dirname "$0")/secrets
postgres_user=999
holdwatch_user=10001
mkdir -p "$folder"
chmod 711 "$folder"

random() {
  head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n'
}

own() { # USER FILE
  chmod 0400 "$folder/$2"
  chown "$1:$1" "$folder/$2"
}

if [ ! -e "$folder/pgpass" ]; then
  random >"$folder/postgres_password"
  random >"$folder/holdwatch_password"
  printf 'postgres:5432:holdwatch:holdwatch:%s\n' "$(cat "$folder/holdwatch_password")" >"$folder/pgpass"
  own "$postgres_user" postgres_password
  own "$postgres_user" holdwatch_password
  own "$holdwatch_user" pgpass
fi
