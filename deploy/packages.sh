# Debian's packages: what is missing is installed, and no service is started by that. Sourced after lib.sh.

PACKAGES_BUILD="ca-certificates gcc libc6-dev cmake make pkg-config python3 python3-yaml libmicrohttpd-dev libjansson-dev
    libpq-dev libjwt-dev libssl-dev libsodium-dev zlib1g-dev libbrotli-dev"
PACKAGES_RUN="$PACKAGES_BUILD postgresql-15"
PACKAGES_TEST="curl postgresql-15-pgtap libcmocka-dev chromium fonts-noto-cjk"
PACKAGES_FUZZ="clang-14 libclang-rt-14-dev"

APT_OPTIONS="-q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Dpkg::Use-Pty=0"
POLICY=/usr/sbin/policy-rc.d
NO_CLUSTER=/etc/postgresql-common/createcluster.d/linli.conf

packages_missing() {
    local name installed
    installed=$'\n'$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)$'\n'
    for name in "$@"; do
        case $installed in
        *$'\n'"$name installed"$'\n'*) ;;
        *) printf '%s ' "$name" ;;
        esac
    done
}

# Where nobody is root and nobody may become root, the person gets the exact command.
packages_need_root() {
    is_root && return
    if have sudo && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
        return
    fi
    fail "these Debian packages are missing and $(id -un) may not install them; have an administrator run: apt-get install --no-install-recommends $*"
}

# While packages are configured no service starts, and PostgreSQL's packages make no cluster of their own.
packages_quiet_begin() {
    if [ ! -e $POLICY ]; then
        printf '#!/bin/sh\n# by Linli, only while it installs packages\nexit 101\n' | as_root tee $POLICY >/dev/null
        as_root chmod 755 $POLICY
    fi
    as_root mkdir -p "${NO_CLUSTER%/*}"
    echo 'create_main_cluster = false' | as_root tee $NO_CLUSTER >/dev/null
}

packages_quiet_end() {
    if grep -qs 'by Linli' $POLICY; then
        as_root rm -f $POLICY
    fi
    as_root rm -f $NO_CLUSTER
}

# Once a run; whether it helped is seen by what it offers then.
packages_index() {
    [ "${PACKAGES_INDEX:-}" != fetched ] || return 0
    step "fetching Debian's package index" apt-update apt_get update || true
    PACKAGES_INDEX=fetched
}

packages_without_candidate() {
    local name
    for name in "$@"; do
        apt-cache policy "$name" 2>/dev/null | grep -q 'Candidate: [^(]' || printf '%s ' "$name"
    done
}

apt_get() {
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get $APT_OPTIONS "$@"
}

packages_repair() {
    [ -z "$(dpkg --audit 2>/dev/null)" ] || as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a
}

packages_install_quietly() {
    packages_repair &&
        apt_get install --no-install-recommends "$@"
}

# packages_ensure "what for" package…: asks Debian for what is not there.
packages_ensure() {
    local purpose=$1 missing absent
    shift
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0
    have apt-get || fail "this needs Debian 12 (apt-get was not found); the missing packages are: $missing"
    # shellcheck disable=SC2086
    packages_need_root $missing
    packages_index
    # shellcheck disable=SC2086
    absent=$(packages_without_candidate $missing)
    [ -z "$absent" ] || fail "Debian's package index does not offer ${absent% }; check the network and /etc/apt/sources.list (bookworm, main), then start again."
    packages_quiet_begin
    trap 'packages_quiet_end; exit 130' INT TERM
    # shellcheck disable=SC2086
    if ! step "installing Debian packages for $purpose: ${missing% }" apt-install packages_install_quietly $missing; then
        packages_quiet_end
        tail -n 12 "$STEP_LOG" | sed 's/^/    | /' >&2
        fail "apt-get could not install ${missing% }; mend what it says above, then start again."
    fi
    trap - INT TERM
    packages_quiet_end
}
