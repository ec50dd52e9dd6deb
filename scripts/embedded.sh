# What scripts that start PostgreSQL servers out of Maven artifacts share. They stand in the top of the checkout, and
# have said in "script" what they are called.
# shellcheck shell=bash disable=SC2154

say() { echo "$script: $*" >&2; }
fail() {
  say "$1"
  [ $# -lt 2 ] || echo "Hint: $2" >&2
  exit 1
}
usage() {
  say "$1"
  echo "Hint: ${2:-scripts/$script --help lists the options}" >&2
  exit 2
}

# The comment at the top of the script.
help() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; }

case $(uname -sm) in
  'Linux x86_64') platform=linux-amd64 ;;
  'Linux aarch64') platform=linux-arm64v8 ;;
  'Darwin x86_64') platform=darwin-amd64 ;;
  'Darwin arm64') platform=darwin-arm64v8 ;;
  *) platform='' ;;
esac

# The exact version of a major version's artifact; pom.xml names those that the tests use.
artifact() {
  local zonky=io.zonky.test.postgres:embedded-postgres-binaries-$platform
  case $1 in
    9.5) echo com.opentable.components:otj-pg-embedded:0.7.1 ;;
    9.6) echo "$zonky:9.6.24" ;;
    10) echo "$zonky:10.23.0" ;;
    11) echo "$zonky:11.22.0" ;;
    12) echo "$zonky:12.22.0" ;;
    13) echo "$zonky:13.23.0" ;;
    14) echo "$zonky:14.24.0" ;;
    15) echo "$zonky:15.18.0" ;;
    16) echo "$zonky:16.14.0" ;;
    17) echo "$zonky:17.10.0" ;;
    18) echo "$zonky:18.6.0" ;;
    *) return 1 ;;
  esac
}

# check_version OPTION VERSION
check_version() {
  [ -n "$platform" ] || fail "there are no embedded servers for $(uname -sm)"
  artifact "$2" >/dev/null || usage "$1: there is no server of version '$2' (9.5, 9.6, 10 to 18)"
}

# A JDK and Maven.
need_build_tools() {
  command -v javac >/dev/null || [ -x "${JAVA_HOME:-/nonexistent}/bin/javac" ] ||
    fail "there is no JDK" "install one of version 17 or newer, for example with: apt-get install openjdk-17-jdk-headless"
  command -v mvn >/dev/null || fail "there is no Maven" "install it, for example with: apt-get install maven"
}

# The major version of the newest client tools, as 9.6 or 15; nothing where there are none.
client_version() {
  local folder version path
  if [ -n "${PGCONVOY_PG_BIN:-}" ]; then
    set -- "$PGCONVOY_PG_BIN"
  else
    IFS=: read -r -a path <<<"$PATH"
    set -- /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/{postgresql*,libpq}/bin \
      /usr/local/opt/{postgresql*,libpq}/bin "${path[@]}"
  fi
  for folder; do
    if [ ! -x "$folder/pg_dump" ] || [ ! -x "$folder/pg_restore" ]; then
      continue
    fi
    version=$("$folder/pg_dump" --version 2>/dev/null | sed -n 's/^pg_dump (PostgreSQL) \([0-9.]*\).*/\1/p') || continue
    case $version in
      9.*) echo "$version" | cut -d. -f1,2 ;;
      ?*) echo "${version%%.*}" ;;
    esac
  done | sort -n | tail -n 1
}

install_client() {
  local line
  if command -v apt-get >/dev/null; then
    line='apt-get install -y --no-install-recommends postgresql-client'
  elif command -v dnf >/dev/null; then
    line='dnf install -y postgresql'
  elif command -v apk >/dev/null; then
    line='apk add postgresql-client'
  elif command -v brew >/dev/null; then
    line='brew install libpq'
  else
    fail "there is no pg_dump" "install PostgreSQL's client tools, or name their folder in PGCONVOY_PG_BIN"
  fi
  local as=()
  case $line in
    brew*) ;;
    *)
      if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || fail "there is no pg_dump, and only root may install it" "sudo $line"
        as=(sudo -n)
      fi ;;
  esac
  say "there is no pg_dump: $line"
  case $line in
    apt-get*)
      # Debian's package lists may be old or absent.
      "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 || say "apt-get update failed; trying without" ;;
  esac
  # shellcheck disable=SC2086 # a command line
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive $line >&2 </dev/null || fail "cannot install pg_dump" "$line"
}

# Sets client to the major version of the client tools, which are installed where there are none.
find_client() {
  client=$(client_version)
  [ -z "$client" ] || return 0
  [ -z "${PGCONVOY_PG_BIN:-}" ] || fail "PGCONVOY_PG_BIN: there is no working pg_dump with pg_restore in $PGCONVOY_PG_BIN"
  install_client
  client=$(client_version)
  [ -n "$client" ] || fail "there is still no pg_dump" "name the folder that holds it in PGCONVOY_PG_BIN"
}

jar=target/pgconvoy.jar classpath=target/rehearsal.classpath

# Builds program and tests where they are older than their sources.
build() {
  if [ ! -f "$jar" ] || [ ! -s "$classpath" ] || [ ! -d target/test-classes ] ||
    [ -n "$(find pom.xml src -newer "$classpath" | head -n 1)" ]; then
    say "building ..."
    rm -f "$classpath"
    mvn -q -B -DskipTests -Dspotless.check.skip=true package </dev/null >&2 || fail "the build failed"
    mvn -q -B dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$classpath" </dev/null >&2 ||
      fail "the build failed"
  fi
}

# fetch VERSION ...: has each version's artifact in target/postgres.
fetch() {
  local version fetched
  for version; do
    [ ! -f "target/postgres/postgres-$version.jar" ] || continue
    say "fetching PostgreSQL $version ..."
    fetched=target/postgres/fetched-$version
    mvn -q -B dependency:copy -Dartifact="$(artifact "$version")" -DoutputDirectory="$fetched" </dev/null >&2 ||
      fail "cannot fetch $(artifact "$version")"
    mv "$fetched"/*.jar "target/postgres/postgres-$version.jar"
    rmdir "$fetched"
  done
}

# java_of_tests CLASS ARGUMENT ...: becomes a Java that runs a class of the tests.
java_of_tests() {
  local java=java
  [ ! -x "${JAVA_HOME:-/nonexistent}/bin/java" ] || java=$JAVA_HOME/bin/java
  exec "$java" -Djava.io.tmpdir="${TMPDIR:-/tmp}" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -cp "target/test-classes:target/classes:$(cat "$classpath")" "$@"
}
