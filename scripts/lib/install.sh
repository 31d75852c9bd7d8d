# shellcheck shell=bash
# What the tests need beside Rust, installed where it is missing. Needs say.sh.
#
# Every function looks first and is silent when there is nothing to do; installs with the system's own package
# manager, and says so; and ends the script with what to install by hand where it knows no way.

# as_root COMMAND…: as it is for root, through sudo for everybody else.
as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        run "$@"
    elif have sudo; then
        run sudo "$@"
    else
        fail "this needs root and there is no sudo; run as root: $*"
    fi
}

# The package manager in charge here: apt, dnf, brew or none.
package_manager() {
    if have apt-get; then
        echo apt
    elif have dnf; then
        echo dnf
    elif have brew; then
        echo brew
    else
        echo none
    fi
}

# Whether this is Ubuntu, whose chromium packages are empty shells around a snap.
is_ubuntu() {
    [[ -r /etc/os-release ]] && grep -Eq '^ID="?ubuntu"?$' /etc/os-release
}

# apt_install PACKAGE…: no questions, nothing that is only recommended; the lists are fetched once a run,
# because a fresh image has none and an old one names files that are gone.
apt_lists_are_fresh=no
apt_install() {
    if [[ $apt_lists_are_fresh == no ]]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
        apt_lists_are_fresh=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" </dev/null
}

# Rust's own parts. rust-toolchain.toml names them, so rustup has usually seen to this already.
need_rust() {
    have cargo || fail "there is no cargo; install Rust with rustup (https://rustup.rs) and open a new shell"
    if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
        have rustup || fail "rustfmt or clippy is missing; install the packages rustfmt and clippy of your Rust"
        say "rustfmt or clippy is missing: adding them to the toolchain"
        run rustup component add rustfmt clippy
    fi
}

# A C compiler, for SQLite and for the cryptography under TLS.
need_c_compiler() {
    if have cc || have gcc || have clang; then
        return
    fi
    say "There is no C compiler (SQLite is compiled into the binary): installing one"
    case $(package_manager) in
        apt) apt_install gcc libc6-dev ;;
        dnf) as_root dnf install -y gcc glibc-devel ;;
        *) fail "install a C compiler (on macOS: xcode-select --install), then run this again" ;;
    esac
}

# PostgreSQL's server programs. Sets `postgres_bin` (postgres.sh) to the folder that holds them.
need_postgres() {
    if postgres_find; then
        return
    fi
    say "PostgreSQL's server programs (initdb, pg_ctl, postgres) are missing: installing them"
    case $(package_manager) in
        apt) apt_install postgresql ;;
        dnf) as_root dnf install -y postgresql-server ;;
        brew) run brew install postgresql@17 ;;
        *) fail "install PostgreSQL 15 or newer, or set MASTHEAD_TEST_POSTGRES_BIN to the folder that holds initdb, pg_ctl and postgres" ;;
    esac
    postgres_find || fail "PostgreSQL is installed, but initdb, pg_ctl and postgres were not found; set MASTHEAD_TEST_POSTGRES_BIN to their folder"
}

# chromium_find: sets `chromium` to a browser that starts. Asking for the version is what tells a real one from
# Ubuntu's placeholder, which only prints how to install a snap.
# shellcheck disable=SC2034 # read by the script that sources this
chromium=''
chromium_find() {
    local candidate
    for candidate in "${MASTHEAD_TEST_CHROMIUM:-}" \
        chromium chromium-browser google-chrome-stable google-chrome \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        [[ -n $candidate ]] || continue
        candidate=$(command -v "$candidate") || continue
        if "$candidate" --version >/dev/null 2>&1 </dev/null; then
            # shellcheck disable=SC2034
            chromium=$candidate
            return 0
        fi
    done
    return 1
}

# Chromium, for the test that opens the reference page and watches that no request leaves the machine.
need_chromium() {
    if chromium_find; then
        return
    fi
    if [[ -n ${MASTHEAD_TEST_CHROMIUM:-} ]]; then
        fail "MASTHEAD_TEST_CHROMIUM is $MASTHEAD_TEST_CHROMIUM, which does not start; name a Chromium or Chrome, or unset it"
    fi
    say "Chromium is missing (one test opens the reference page in a browser): installing it"
    case $(package_manager) in
        apt)
            if ! is_ubuntu; then
                # Without recommendations Debian's Chromium has no fonts at all; one family is enough.
                apt_install chromium fonts-dejavu-core
            elif have snap; then
                as_root snap install chromium
            else
                fail "Ubuntu has Chromium as a snap only, and there is no snapd; install Google Chrome, or any Chromium, and set MASTHEAD_TEST_CHROMIUM to its program"
            fi
            ;;
        dnf) as_root dnf install -y chromium ;;
        brew) run brew install --cask chromium ;;
        *) fail "install Chromium or Chrome, or set MASTHEAD_TEST_CHROMIUM to its program" ;;
    esac
    chromium_find || fail "Chromium is installed, but does not start; try: chromium --version"
}

# nginx_find: sets `nginx` to a shared cache that starts. On Debian it is on the path of root alone.
# shellcheck disable=SC2034 # read by the script that sources this
nginx=''
nginx_find() {
    local candidate
    for candidate in "${MASTHEAD_TEST_NGINX:-}" nginx /usr/sbin/nginx; do
        [[ -n $candidate ]] || continue
        candidate=$(command -v "$candidate") || continue
        if "$candidate" -v >/dev/null 2>&1 </dev/null; then
            # shellcheck disable=SC2034
            nginx=$candidate
            return 0
        fi
    done
    return 1
}

# nginx, for the tests that put a shared cache in front of the service. They start it themselves; a server that the
# package starts is none of their business.
need_nginx() {
    if nginx_find; then
        return
    fi
    if [[ -n ${MASTHEAD_TEST_NGINX:-} ]]; then
        fail "MASTHEAD_TEST_NGINX is $MASTHEAD_TEST_NGINX, which does not start; name an nginx, or unset it"
    fi
    say "nginx is missing (the tests put it in front of the service as a shared cache): installing it"
    case $(package_manager) in
        apt) apt_install nginx ;;
        dnf) as_root dnf install -y nginx ;;
        brew) run brew install nginx ;;
        *) fail "install nginx 1.18 or newer, or set MASTHEAD_TEST_NGINX to its program" ;;
    esac
    nginx_find || fail "nginx is installed, but does not start; try: nginx -v"
}

# node_major: the major version of the node on the path, 0 for none.
node_major() {
    local version
    version=$(node --version 2>/dev/null) || { echo 0; return; }
    version=${version#v}
    echo "${version%%.*}"
}

# Node.js 20 or newer with npm, for the clients that are generated from the contract and type-checked.
# need_node FOLDER: where a newer Node.js is kept when the system's is too old.
need_node() {
    local folder=$1
    # An earlier run may have put one there.
    if [[ -x $folder/node_modules/.bin/node ]]; then
        PATH=$folder/node_modules/.bin:$PATH
    fi
    if [[ $(node_major) -ge 20 ]] && have npm; then
        return
    fi
    say "Node.js 20 or newer with npm is missing (the generated TypeScript clients are tested): installing it"
    case $(package_manager) in
        apt)
            # Installations from elsewhere bring npm along; Debian's own needs it named.
            have npm || apt_install nodejs npm
            ;;
        dnf) as_root dnf install -y nodejs npm ;;
        brew) run brew install node ;;
        *) fail "install Node.js 20 or newer with npm (https://nodejs.org)" ;;
    esac
    if [[ $(node_major) -lt 20 ]]; then
        # An older Debian or Ubuntu: its npm can fetch a newer Node.js, which stays out of the system.
        say "The system's Node.js is $(node --version 2>/dev/null || echo absent): keeping a newer one in $folder"
        run mkdir -p "$folder"
        run npm install --prefix "$folder" --no-audit --no-fund --no-save --loglevel=error node@22
        PATH=$folder/node_modules/.bin:$PATH
    fi
    if [[ $(node_major) -lt 20 ]] || ! have npm; then
        fail "node is $(node --version 2>/dev/null || echo missing) and npm $(npm --version 2>/dev/null || echo missing); install Node.js 20 or newer with npm (https://nodejs.org)"
    fi
}

# Python 3 with venv and pip, for the tests that read feeds and sitemaps as others do.
# need_python FOLDER REQUIREMENTS: where the packages are kept, and the file that names them at exact versions.
# Sets `python` to an interpreter that has them.
# shellcheck disable=SC2034 # read by the script that sources this
python=''
need_python() {
    local folder=$1 requirements=$2
    if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        say "Python 3 with venv is missing (the tests read feeds and sitemaps with it): installing it"
        case $(package_manager) in
            apt) apt_install python3 python3-venv ;;
            dnf) as_root dnf install -y python3 python3-pip ;;
            brew) run brew install python ;;
            *) fail "install Python 3 with venv and pip" ;;
        esac
    fi
    if ! cmp -s "$requirements" "$folder/requirements.txt"; then
        say "The Python packages of the tests are missing or old: installing them in $folder"
        run rm -rf "$folder"
        run python3 -m venv "$folder"
        run "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
        # Last, so that an installation that was cut short is made anew.
        run cp "$requirements" "$folder/requirements.txt"
    fi
    # shellcheck disable=SC2034
    python=$folder/bin/python
}
