#!/usr/bin/env python3
"""Makes TCP connections on purpose, one case after the other, and prints what it did.

Runs inside a network namespace of the test's own. Each case prints JSON lines: one for each connection
it made, with the columns of SQLite's `connection` table that it knows for certain. What it prints is the
truth that a recording is compared with.

    traffic.py CASE [CASE...]
"""
import errno
import socket
import struct
import sys
import threading

# Modules compiled by root would be left in the tree.
sys.dont_write_bytecode = True
from traffic_tools import HOST, NOBODY, answer, ask, in_thread, listener, receive, tell, wait_for_end
import traffic_before
import traffic_ends
import traffic_gateway
import traffic_handshakes
import traffic_turns


def keep_alive(port=7001, turns=1000):
    """One connection, many exchanges, the client closes."""
    with listener(port) as server:
        def serve():
            conn, _ = server.accept()
            answer(conn, turns, 100, 300)
            wait_for_end(conn)
            conn.close()
        thread = in_thread(serve)
        sock = socket.create_connection((HOST, port))
        client_port = sock.getsockname()[1]
        ask(sock, turns, 100, 300)
        sock.close()
        thread.join()
    tell("keep_alive", client_port, port, "ok", conn_state="SF", closed_by="client", exchanges=turns,
         bytes_sent=100 * turns, bytes_received=300 * turns, paired=1)


def server_closes(port=7002):
    with listener(port) as server:
        def serve():
            conn, _ = server.accept()
            answer(conn, 1, 10, 20)
            conn.close()
        thread = in_thread(serve)
        sock = socket.create_connection((HOST, port))
        client_port = sock.getsockname()[1]
        ask(sock, 1, 10, 20)
        wait_for_end(sock)
        sock.close()
        thread.join()
    tell("server_closes", client_port, port, "ok", conn_state="SF", closed_by="server", exchanges=1,
         bytes_sent=10, bytes_received=20, paired=1)


def short_lived(port=7003, count=1000):
    """Connections that each live for well under a millisecond."""
    with listener(port) as server:
        def serve():
            for _ in range(count):
                conn, _ = server.accept()
                answer(conn, 1, 1, 1)
                wait_for_end(conn)
                conn.close()
        thread = in_thread(serve)
        for _ in range(count):
            sock = socket.create_connection((HOST, port))
            client_port = sock.getsockname()[1]
            ask(sock, 1, 1, 1)
            sock.close()
            tell("short_lived", client_port, port, "ok", conn_state="SF", closed_by="client", exchanges=1,
                 bytes_sent=1, bytes_received=1, paired=1)
        thread.join()


def refused(port=7004):
    """Nobody listens."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(("0.0.0.0", 0))
    client_port = sock.getsockname()[1]
    code = sock.connect_ex((HOST, port))
    assert code == errno.ECONNREFUSED, code
    sock.close()
    tell("refused", client_port, port, "refused", conn_state="REJ", errno="ECONNREFUSED", exchanges=0,
         paired=0)


def server_resets(port=7005):
    """The server closes with bytes unread: the kernel resets for it."""
    with listener(port) as server:
        ready = threading.Event()

        def serve():
            conn, _ = server.accept()
            ready.wait()
            receive(conn, 1)
            conn.close()
        thread = in_thread(serve)
        sock = socket.create_connection((HOST, port))
        client_port = sock.getsockname()[1]
        sock.sendall(b"q" * 1000)
        ready.set()
        thread.join()
        wait_for_end(sock)
        sock.close()
    tell("server_resets", client_port, port, "reset_by_server", conn_state="RSTR", errno="ECONNRESET",
         paired=1)


def client_resets(port=7006):
    """SO_LINGER with 0 seconds: close sends a reset."""
    with listener(port) as server:
        def serve():
            conn, _ = server.accept()
            answer(conn, 1, 10, 20)
            wait_for_end(conn)
            conn.close()
        thread = in_thread(serve)
        sock = socket.create_connection((HOST, port))
        client_port = sock.getsockname()[1]
        ask(sock, 1, 10, 20)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        thread.join()
    tell("client_resets", client_port, port, "reset_by_client", conn_state="RSTO", exchanges=1, paired=1)


def timeout(port=7007):
    """Every segment to this address and port is lost."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(("0.0.0.0", 0))
    client_port = sock.getsockname()[1]
    code = sock.connect_ex((NOBODY, port))
    assert code == errno.ETIMEDOUT, code
    sock.close()
    tell("timeout", client_port, port, "timeout", conn_state="S0", errno="ETIMEDOUT", exchanges=0, paired=0)


def cancelled(port=7007):
    """The client gives up before the handshake ends: no failure."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(("0.0.0.0", 0))
    client_port = sock.getsockname()[1]
    sock.setblocking(False)
    code = sock.connect_ex((NOBODY, port))
    assert code == errno.EINPROGRESS, code
    sock.close()
    tell("cancelled", client_port, port, "cancelled", conn_state="S0", errno=None, exchanges=0, paired=0)


def never_accepted(port=7008):
    """The listener never calls accept; the client asks, waits and gives up."""
    with listener(port):
        sock = socket.create_connection((HOST, port))
        client_port = sock.getsockname()[1]
        sock.sendall(b"q" * 10)
        sock.settimeout(0.3)
        try:
            sock.recv(1)
        except socket.timeout:
            pass
        sock.close()
    tell("never_accepted", client_port, port, "never_accepted", exchanges=0, paired=1)


def half_close(port=7009):
    """The client ends its direction, then gets the whole answer."""
    with listener(port) as server:
        def serve():
            conn, _ = server.accept()
            wait_for_end(conn)
            conn.sendall(b"r" * 5000)
            conn.close()
        thread = in_thread(serve)
        sock = socket.create_connection((HOST, port))
        client_port = sock.getsockname()[1]
        sock.sendall(b"q" * 50)
        sock.shutdown(socket.SHUT_WR)
        wait_for_end(sock)
        sock.close()
        thread.join()
    tell("half_close", client_port, port, "ok", conn_state="SF", closed_by="client", exchanges=1,
         bytes_sent=50, bytes_received=5000, paired=1)


def still_open(port=7010):
    """Open when the recording ends: this process must be killed."""
    server = listener(port)
    sock = socket.create_connection((HOST, port))
    conn, _ = server.accept()
    client_port = sock.getsockname()[1]
    thread = in_thread(answer, conn, 3, 10, 20)
    ask(sock, 3, 10, 20)
    thread.join()
    tell("still_open", client_port, port, "open", exchanges=3, bytes_sent=30, bytes_received=60, paired=1)
    threading.Event().wait()


CASES = {f.__name__: f for f in (
    keep_alive, server_closes, short_lived, refused, server_resets, client_resets, timeout, cancelled,
    never_accepted, half_close, still_open, *traffic_handshakes.CASES, *traffic_before.CASES,
    *traffic_ends.CASES, *traffic_turns.CASES,
    *traffic_gateway.CASES)}

if __name__ == "__main__":
    for name in sys.argv[1:]:
        CASES[name]()
