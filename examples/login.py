#!/usr/bin/env python3
"""login.py USER: check a user's password, read from the terminal or standard input, through mosaicd.

Exit status: 0 granted, 1 denied, 3 password change required, 2 the agent could not decide.
"""
import getpass
import json
import os
import socket
import sys

STATUS = {"granted": 0, "denied": 1, "password_change_required": 3}


def call(method, params):
    """One call on a connection of its own; answers the result or raises with the kind of the error."""
    with socket.socket(socket.AF_UNIX) as agent:
        agent.connect(os.environ.get("MOSAICD_SOCKET", "/run/mosaicd/mosaicd.sock"))
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        agent.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(agent.makefile("rb").readline())
    if "error" in answer:
        raise RuntimeError(answer["error"]["data"]["kind"])
    return answer["result"]


def main():
    user = sys.argv[1]
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        result = call("password.authenticate", {"username": user, "password": password})
    except (OSError, RuntimeError) as error:
        print(f"cannot tell: {error}", file=sys.stderr)
        return 2
    print(result["verdict"])
    return STATUS.get(result["verdict"], 2)


sys.exit(main())
