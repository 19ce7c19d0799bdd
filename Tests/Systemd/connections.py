#!/usr/bin/python3
"""connections.py SOCKET COUNT: connect to the agent COUNT times, in six ways that clients have.

Prints one line for each way: its name, how many connections were made, and how many of them ended as they should.
"""

import os
import socket
import sys

PING = b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}\n'


def rest(connection):
    """Everything up to the end of the stream."""
    received = b""
    while chunk := connection.recv(4096):
        received += chunk
    return received


def call(connection):
    connection.sendall(PING)
    return b'"result"' in connection.recv(4096)


def half_close(connection):
    connection.sendall(PING)
    connection.shutdown(socket.SHUT_WR)
    return b'"result"' in rest(connection)


def garbage(connection):
    connection.sendall(b"\x00\xff{]garbage\n")
    return b"-32700" in connection.recv(4096)


def unfinished(connection):
    connection.sendall(PING[:-1])
    connection.shutdown(socket.SHUT_WR)
    return b"-32700" in rest(connection)


def hang_up(connection):
    return True


def hang_up_on_answer(connection):
    connection.sendall(PING)
    return True


WAYS = [call, hang_up, half_close, garbage, unfinished, hang_up_on_answer]


def connect(path, count):
    """How many connections were good, for each way."""
    good = [0] * len(WAYS)
    for number in range(count):
        way = number % len(WAYS)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            try:
                connection.connect(path)
                good[way] += WAYS[way](connection)
            except OSError as error:
                print(f"{WAYS[way].__name__}: {error}", file=sys.stderr)
    return good


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    workers = 3
    pipes = []
    for _ in range(workers):
        reading, writing = os.pipe()
        if os.fork() == 0:
            good = connect(path, count // workers)
            os.write(writing, " ".join(map(str, good)).encode())
            os._exit(0)
        os.close(writing)
        pipes.append(reading)
    results = [list(map(int, os.read(pipe, 4096).split())) for pipe in pipes]
    made = [workers * len(range(way, count // workers, len(WAYS))) for way in range(len(WAYS))]
    for way, counts in enumerate(zip(*results)):
        print(WAYS[way].__name__, made[way], sum(counts))


main()
