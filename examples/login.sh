#!/bin/sh
# login.sh USER: check a user's password, read from standard input, through mosaicd. Needs nc (netcat-openbsd).
#
# Exit status: 0 granted, 1 denied, 3 password change required, 2 the agent could not decide.
set -u
socket=${MOSAICD_SOCKET:-/run/mosaicd/mosaicd.sock}

# A JSON string of the text on standard input; other control characters cannot be typed into a password.
quote() { sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' -e 's/^/"/' -e 's/$/"/'; }

IFS= read -r password || [ -n "$password" ] || exit 2
# printf is part of the shell, so the password shows in no list of processes.
answer=$(
    {
        printf '{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":{"username":%s,"password":%s}}\n' \
            "$(printf '%s\n' "$1" | quote)" "$(printf '%s\n' "$password" | quote)"
    } | nc -N -U "$socket"
) || { echo "cannot tell: no agent at $socket" >&2; exit 2; }

case $answer in
*'"verdict":"granted"'*) echo granted ;;
*'"verdict":"denied"'*) echo denied; exit 1 ;;
*'"verdict":"password_change_required"'*) echo password_change_required; exit 3 ;;
*) echo "cannot tell: $answer" >&2; exit 2 ;;
esac
