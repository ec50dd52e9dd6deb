# What the contestants of scripts/bench share. The bench gives them, in the environment:
#   FROM_HOST FROM_PORT FROM_USER TO_HOST TO_PORT TO_USER   the two servers
#   DATABASES   a file with the fleet's databases, one a line, smallest first; plain names all of them
#   WORK        an empty folder, which the bench deletes
#   JOBS PARALLEL COMPRESS   workers for one database, databases at once, for pg_dump -Z
# and the client tools on the PATH. A contestant's second line says what it is; "# needs:" names its programs.
# shellcheck shell=bash

from() { PGHOST=$FROM_HOST PGPORT=$FROM_PORT PGUSER=$FROM_USER "$@"; }
to() { PGHOST=$TO_HOST PGPORT=$TO_PORT PGUSER=$TO_USER "$@"; }
create() { to createdb --maintenance-db=postgres -T template0 -E UTF8 --lc-collate=C --lc-ctype=C "$1"; }
export -f from to create

# each_database FUNCTION [OPTION ...]: calls it with a database's name and the options, PARALLEL at a time.
# shellcheck disable=SC2016 # for the inner shell
each_database() {
  local function=$1
  shift
  export -f "${function?}"
  xargs -P "$PARALLEL" -I '{}' bash -c 'set -euo pipefail; "$@"' each "$function" '{}' "$@" <"$DATABASES"
}
