#!/bin/bash
# Sourced by the tests that run on a booted machine: what each of them needs.
failures=0

ok() { echo "ok    $1"; }
# fail POINT EXPLANATION
fail() {
    failures=$((failures + 1))
    printf 'FAIL  %s\n' "$1"
    printf '%s\n' "${2:-}" | sed 's/^/      | /'
}
# same POINT EXPECTED ACTUAL
same() { if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "expected '$2', found '$3'"; fi; }
# like POINT REGULAR-EXPRESSION TEXT
like() { if [[ $3 =~ $2 ]]; then ok "$1"; else fail "$1" "expected /$2/, found '$3'"; fi; }
# within SECONDS COMMAND...: repeat it until it succeeds
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.02
    done
}
# finish: the status of the test
finish() {
    [ "$failures" = 0 ] || {
        journalctl --sync
        echo "# the agent's journal:"
        journalctl --no-pager --output=short-monotonic --unit=mosaicd --lines=60
    } >&2
    [ "$failures" = 0 ]
    exit
}

# shown UNIT PROPERTY
shown() { systemctl show --property="$2" --value "$1"; }

# as USER COMMAND...: with the user's groups, as after a login
as() { setpriv --reuid="$1" --regid="$1" --init-groups --reset-env "${@:2}"; }

# ask USER REQUEST: one line to the main socket as that user; prints the answer, or what nc says
ask() { printf '%s\n' "$2" | as "$1" timeout 20 nc -N -U /run/mosaicd/mosaicd.sock 2>&1; }

# login USER NAME PASSWORD: the answer to a password login
login() {
    ask "$1" "$(jq --null-input --compact-output --arg name "$2" --arg password "$3" \
        '{jsonrpc: "2.0", id: 1, method: "password.authenticate", params: {username: $name, password: $password}}')"
}

# entries MATCH...: journal entries of the agent as JSON lines
entries() {
    journalctl --sync
    journalctl --no-pager --output=json --unit=mosaicd "$@"
}

# The password of alice.
alice=Lerchensporn-7-Alice!

# start_sandbox: a Mosaic cloud for this machine, with the user alice, and the agent's configuration for it
start_sandbox() {
    local facts=/run/sandbox/sandbox.json
    mkdir -p /etc/mosaicd/mosaicd.conf.d /run/sandbox
    printf '{"username":"alice","credentials":{"password":"%s","force_replace":false}}' "$alice" >/run/users.json
    systemd-run --quiet --unit=sandbox mosaic-sandbox serve --state /run/sandbox --seed-user /run/users.json || return
    within 30 test -s $facts || {
        journalctl --no-pager --unit=sandbox >&2
        return 1
    }
    fact() { jq --raw-output ".$1" $facts; }
    install -m 0600 "$(fact client_secret_file)" /etc/mosaicd/default.secret
    install -m 0644 "$(fact ca_file)" /etc/mosaicd/ca.pem
    cat >/etc/mosaicd/mosaicd.conf.d/test.conf <<END
[Client default]
BaseURL=$(fact base_url)
TokenURL=$(fact token_url)
Issuer=$(fact issuer)
CAFile=/etc/mosaicd/ca.pem
ClientID=$(fact client_id)

[Access storefront]
Match=user:storefront
Clients=default
Allow=login
END
}

# make_users: storefront may connect and log users in, visitor may only connect, stranger may not even connect
make_users() {
    useradd --system --groups mosaic storefront &&
        useradd --system --groups mosaic visitor &&
        useradd --system stranger
}
