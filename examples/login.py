#!/usr/bin/env python3
"""login.py USER: check a user's password through mosaicd. The password is asked for, or read from standard input.

Exit status: 0 granted, 1 denied, 3 password change required, 5 try again later, 2 the agent could not decide.
"""
import getpass
import json
import os
import socket
import sys

STATUS = {"granted": 0, "denied": 1, "password_change_required": 3}
LATER = {"throttled", "overloaded", "upstream_rate_limited"}


class AgentError(Exception):
    """The agent could not decide, or did not allow the call. Programs go by `kind`, the message is for people."""

    def __init__(self, error):
        data = error.get("data", {})
        self.kind = data.get("kind", "unknown")
        self.retry_after = data.get("retry_after_ms", 0) / 1000
        super().__init__(f"{self.kind}: {error.get('message', '')}")


def call(method, params, seconds=10):
    """One call on a connection of its own; returns the result, raises AgentError or OSError."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method,
               "params": {**params, "meta": {"deadline_ms": seconds * 1000}}}
    with socket.socket(socket.AF_UNIX) as agent:
        # The agent answers at its deadline; more time than that is only for an agent that hangs.
        agent.settimeout(seconds + 2)
        agent.connect(os.environ.get("MOSAICD_SOCKET", "/run/mosaicd/mosaicd.sock"))
        agent.sendall(json.dumps(request).encode() + b"\n")
        # readline() goes on until the line feed, in however many pieces the line comes.
        line = agent.makefile("rb").readline()
    if not line.endswith(b"\n"):
        raise ConnectionError("the agent closed the connection without an answer")
    answer = json.loads(line)
    if "error" in answer:
        raise AgentError(answer["error"])
    return answer["result"]


def main():
    if len(sys.argv) != 2:
        print("usage: login.py USER", file=sys.stderr)
        return 64
    # Never from the command line, which every user of the machine can see.
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        result = call("password.authenticate", {"username": sys.argv[1], "password": password})
    except AgentError as error:
        if error.kind in LATER:
            print(f"try again in {error.retry_after:.0f} s: {error}", file=sys.stderr)
            return 5
        print(f"cannot tell: {error}", file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(f"cannot tell: {error}", file=sys.stderr)
        return 2
    verdict = result["verdict"]
    print(verdict)
    if verdict == "password_change_required":
        # With result["reset_token"], reset.complete sets the new password. It is worth a password: keep it secret.
        print(f"the password is right but {result['cause']}: a new one must be chosen", file=sys.stderr)
    return STATUS.get(verdict, 2)


sys.exit(main())
