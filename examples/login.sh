#!/bin/sh
# login.sh USER: check a user's password through mosaicd. The password is asked for, or read from standard input.
# Needs nc (Debian: netcat-openbsd).
#
# Exit status: 0 granted, 1 denied, 3 password change required, 5 try again later, 2 the agent could not decide.
set -u
socket=${MOSAICD_SOCKET:-/run/mosaicd/mosaicd.sock}
[ $# = 1 ] || { echo "usage: login.sh USER" >&2; exit 64; }

cannot_tell() { echo "cannot tell: $1" >&2; exit 2; }
# A JSON string of the text on standard input, which must be one line.
quote() { sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' -e 's/^/"/' -e 's/$/"/'; }
# The number NAME in the answer.
number() { printf '%s\n' "$answer" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }

# Never from the command line, which every user of the machine can see.
if [ -t 0 ]; then
    trap 'stty echo' EXIT
    trap 'exit 130' INT
    printf 'Password: ' >&2
    stty -echo
fi
IFS= read -r password || [ -n "$password" ] || cannot_tell "no password on standard input"
if [ -t 0 ]; then
    stty echo
    echo >&2
fi
# Other control characters than tabs would need an escape of their own; no one types them into a password.
case $(printf '%s' "$1$password" | tr -d '\t') in
*[[:cntrl:]]*) cannot_tell "a control character in the name or the password" ;;
esac

# The agent answers at its deadline; more time than that is only for an agent that hangs. printf is part of the shell, so
# that the password shows in no list of processes.
answer=$(
    printf '{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":{"username":%s,"password":%s,%s}}\n' \
        "$(printf '%s\n' "$1" | quote)" "$(printf '%s\n' "$password" | quote)" '"meta":{"deadline_ms":10000}' 2>/dev/null |
        timeout 12 nc -N -U "$socket"
) || cannot_tell "no answer from $socket"

# Inside a string every quote has a backslash before it, so nothing that a user has chosen can look like these.
case $answer in
*'"verdict":"granted"'*) echo granted ;;
*'"verdict":"denied"'*) echo denied; exit 1 ;;
*'"verdict":"password_change_required"'*)
    echo password_change_required
    echo "the password is right, but a new one must be chosen" >&2
    exit 3
    ;;
*'"kind":"throttled"'* | *'"kind":"overloaded"'* | *'"kind":"upstream_rate_limited"'*)
    echo "try again in $(($(number retry_after_ms) / 1000)) s: $answer" >&2
    exit 5
    ;;
'') cannot_tell "no answer from $socket" ;;
*) cannot_tell "$answer" ;;
esac
