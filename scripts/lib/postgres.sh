# shellcheck shell=bash
# A PostgreSQL cluster of our own: made in a temporary folder, thrown away at the end. Needs say.sh.
#
#     postgres_find          sets postgres_bin
#     postgres_start         makes a cluster and starts it; sets postgres_url, postgres_port, postgres_folder
#     postgres_stop          stops it and removes its folder; does nothing when there is none
#
# It never looks at a server that already runs here, and no server that runs here is in its way.

postgres_bin=''
postgres_url=''
postgres_port=''
postgres_folder=''
# The system user that runs the server. Empty: whoever runs this script. PostgreSQL refuses to run as root.
postgres_os_user=''

# postgres_find: the folder that holds initdb, pg_ctl and postgres; the newest where there are several.
postgres_find() {
    local candidate newest=''
    if [[ -n ${MASTHEAD_TEST_POSTGRES_BIN:-} ]]; then
        postgres_is_complete "$MASTHEAD_TEST_POSTGRES_BIN" || fail "MASTHEAD_TEST_POSTGRES_BIN is $MASTHEAD_TEST_POSTGRES_BIN, which lacks initdb, pg_ctl or postgres"
        postgres_bin=$MASTHEAD_TEST_POSTGRES_BIN
        return 0
    fi
    # Debian and Ubuntu keep them out of the path, one folder a version; so do PostgreSQL's own rpm packages
    # and Homebrew. Patterns that match nothing stay as they are and fail the check.
    for candidate in \
        /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql@*/bin \
        /usr/local/opt/postgresql@*/bin; do
        if postgres_is_complete "$candidate"; then
            # The version is the number in the path: 9 sorts before 15 only when read as a number.
            newest=$(printf '%s\n%s\n' "$newest" "$candidate" | sort -V | tail -n 1)
        fi
    done
    if [[ -z $newest ]]; then
        # In the path, as Fedora has them, or links to wherever they are: follow them home, because
        # initdb looks for the rest of the installation beside itself.
        candidate=$(command -v initdb) || return 1
        candidate=$(dirname "$(readlink -f "$candidate")")
        postgres_is_complete "$candidate" || return 1
        newest=$candidate
    fi
    postgres_bin=$newest
}

# Whether a folder holds the three programs.
postgres_is_complete() {
    [[ -x $1/initdb && -x $1/pg_ctl && -x $1/postgres ]]
}

# postgres_as COMMAND…: as the user that may run a server, from a folder that this user may stand in.
postgres_as() {
    if [[ -z $postgres_os_user ]]; then
        run "$@"
    elif have runuser; then
        (cd / && run runuser -u "$postgres_os_user" -- "$@")
    else
        # su wants one string.
        (cd / && run su -s /bin/sh "$postgres_os_user" -c "$(printf '%q ' "$@")")
    fi
}

# A port nobody listens on. Somebody may take it before the server does, so starting tries more than once.
postgres_free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        # Connecting fails where nobody listens, which is what we look for.
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# postgres_start: a fresh cluster, open to everybody on this machine for as long as the tests run. Nothing in
# it outlives the run, so it keeps no promise about a power cut and is fast instead.
postgres_start() {
    local base=${TMPDIR:-/tmp} try
    if [[ $(id -u) -eq 0 ]]; then
        postgres_os_user=postgres
        id "$postgres_os_user" >/dev/null 2>&1 || fail "PostgreSQL does not run as root, and there is no system user 'postgres' to run it as; create one (useradd --system postgres), or run the tests as yourself"
        # That user has to get there.
        postgres_as test -x "$base" -a -w "$base" || base=/tmp
    fi

    postgres_folder=$(mktemp -d "$base/masthead-pg.XXXXXX")
    chmod 700 "$postgres_folder"
    if [[ -n $postgres_os_user ]]; then
        chown "$postgres_os_user" "$postgres_folder"
    fi

    say "A PostgreSQL cluster of our own, with $postgres_bin, in $postgres_folder"
    # `C` exists everywhere and orders text by its bytes, as SQLite does.
    postgres_as "$postgres_bin/initdb" --pgdata="$postgres_folder/cluster" --username=masthead --auth=trust \
        --encoding=UTF8 --locale=C --no-sync --no-instructions || fail "initdb failed; its words stand above"

    for try in 1 2 3 4 5; do
        postgres_port=$(postgres_free_port)
        postgres_write_settings
        if postgres_as "$postgres_bin/pg_ctl" start --pgdata="$postgres_folder/cluster" \
            --log="$postgres_folder/cluster/server.log" --wait --timeout=60 --silent; then
            postgres_url="postgres://masthead@127.0.0.1:$postgres_port/postgres"
            say "PostgreSQL listens: $postgres_url"
            return 0
        fi
        say "PostgreSQL did not start on port $postgres_port (try $try of 5)"
    done
    tail -n 20 "$postgres_folder/cluster/server.log" >&2 || true
    fail "PostgreSQL did not start; its log's last lines stand above"
}

# The settings, whole, so that a second try with another port does not leave the first one's behind.
postgres_write_settings() {
    cat >"$postgres_folder/cluster/postgresql.auto.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $postgres_port
unix_socket_directories = '$postgres_folder'
# One database a test and a pool each.
max_connections = 200
shared_buffers = '64MB'
# The data is thrown away: nothing waits for a disk.
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
# Containers often have 64 MB of shared memory; small queries gain nothing from workers anyway.
max_parallel_workers_per_gather = 0
timezone = 'UTC'
SETTINGS
}

# postgres_stop: at once and without a checkpoint; then the folder goes.
postgres_stop() {
    if [[ -z $postgres_folder ]]; then
        return 0
    fi
    if [[ -f $postgres_folder/cluster/postmaster.pid ]]; then
        postgres_as "$postgres_bin/pg_ctl" stop --pgdata="$postgres_folder/cluster" --mode=immediate --wait --silent || true
    fi
    run rm -rf "$postgres_folder"
    postgres_folder=''
    postgres_url=''
}
