"""Cases of connections that are older than the recording, or outlive it. Each waits for a word of the test."""
import socket
import threading

from traffic_tools import (
    HOST, listener, pair, port_of, tcp_info, tell, turn, wait_for_word, wait_until)

TCP_CLOSE_WAIT = 8


def closed_during(port=7201):
    """Used before the recording and during it, then closed."""
    server, sock, conn = pair(port)
    client_port = port_of(sock)
    turn(sock, conn, 5)
    wait_for_word()
    turn(sock, conn, 3)
    sock.close()
    conn.close()
    server.close()
    tell("closed_during", client_port, port, "ok", conn_state="SF", closed_by="client", exchanges=3, paired=1,
         preexisting=1, opened_ns=None, established_ns=None, bytes_sent=80, bytes_received=160)


def open_throughout(port=7202):
    """Used before the recording and during it, and open at its end."""
    server, sock, conn = pair(port)
    turn(sock, conn, 5)
    wait_for_word()
    turn(sock, conn, 3)
    tell("open_throughout", port_of(sock), port, "open", conn_state="S1", closed_by=None, exchanges=3, paired=1,
         preexisting=1, opened_ns=None, established_ns=None, closed_ns=None, bytes_sent=80, bytes_received=160)
    wait_for_word()
    server.close()


def never_used(port=7203):
    """Held open and idle from before the recording to beyond its end."""
    server, sock, conn = pair(port)
    wait_for_word()
    tell("never_used", port_of(sock), port, "open", conn_state="S1", closed_by=None, exchanges=0, paired=1,
         preexisting=1, opened_ns=None, closed_ns=None, bytes_sent=0, bytes_received=0)
    wait_for_word()
    server.close()
    conn.close()


def idle_then_used(port=7204, idle_s=1.5):
    """Idle for longer than the test's --stale-after, then used again, then closed."""
    server, sock, conn = pair(port)
    client_port = port_of(sock)
    turn(sock, conn, 2)
    threading.Event().wait(idle_s)
    turn(sock, conn, 2)
    sock.close()
    conn.close()
    server.close()
    tell("idle_then_used", client_port, port, "ok", conn_state="SF", closed_by="client", exchanges=4, paired=1,
         preexisting=0, bytes_sent=40, bytes_received=80)


def held_idle(port=7205):
    """A pool's connection: used once, idle for longer than --stale-after, still held at the end."""
    server, sock, conn = pair(port)
    turn(sock, conn, 2)
    tell("held_idle", port_of(sock), port, "open", conn_state="S1", closed_by=None, exchanges=2, paired=1,
         preexisting=0, closed_ns=None, bytes_sent=20, bytes_received=40)
    wait_for_word()
    server.close()


def leak(port=7206):
    """Clients close, and the server never does: its sockets stay in CLOSE_WAIT."""
    server = listener(port)
    kept = []
    for _ in range(3):
        sock = socket.create_connection((HOST, port))
        conn, _ = server.accept()
        kept.append(conn)
        turn(sock, conn)
        client_port = port_of(sock)
        sock.close()
        wait_until(lambda: tcp_info(conn)[0] == TCP_CLOSE_WAIT)
        tell("leak", client_port, port, "open", conn_state="S2", closed_by="client", exchanges=1, paired=1,
             preexisting=0, closed_ns=None, bytes_sent=10, bytes_received=20)
    wait_for_word()
    server.close()


def old_leak(port=7207):
    """The client has closed before the recording, and the server never does."""
    server, sock, conn = pair(port)
    turn(sock, conn)
    client_port = port_of(sock)
    sock.close()
    wait_until(lambda: tcp_info(conn)[0] == TCP_CLOSE_WAIT)
    wait_for_word()
    tell("old_leak", client_port, port, "open", conn_state="S2", closed_by="client", exchanges=0, paired=0,
         preexisting=1, opened_ns=None, closed_ns=None, bytes_sent=10, bytes_received=20)
    wait_for_word()
    server.close()


CASES = (old_leak, closed_during, open_throughout, never_used, idle_then_used, held_idle, leak)
