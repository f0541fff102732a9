"""Cases of connections by how they end, by address family, and of ports used again."""
import socket

from traffic_tools import (
    alive, listener, pair, port_of, receive, reset, rule, tell, turn, wait_for_end, wait_until)


def server_first(port=7301):
    """The server closes, then the client."""
    server, sock, conn = pair(port)
    client_port = port_of(sock)
    turn(sock, conn)
    conn.close()
    wait_for_end(sock)
    sock.close()
    server.close()
    tell("server_first", client_port, port, "ok", conn_state="SF", errno=None, closed_by="server", exchanges=1,
         bytes_sent=10, bytes_received=20, paired=1)


def both_at_once(port=7302):
    """Both close before the other's FIN has come: no FIN gets through until both are sent."""
    server, sock, conn = pair(port)
    client_port = port_of(sock)
    turn(sock, conn)
    fins = ("-m", "multiport", "--ports", str(port), "--tcp-flags", "FIN", "FIN")
    rule("-A", *fins)
    sock.close()
    conn.close()
    rule("-D", *fins)
    server.close()
    tell("both_at_once", client_port, port, "ok", conn_state="SF", errno=None, closed_by="both", exchanges=1,
         bytes_sent=10, bytes_received=20, paired=1)
    wait_until(lambda: not alive(port))


def server_half_close(port=7303):
    """The server ends its direction first, and still reads all that the client sends."""
    server, sock, conn = pair(port)
    client_port = port_of(sock)
    turn(sock, conn)
    conn.shutdown(socket.SHUT_WR)
    wait_for_end(sock)
    sock.sendall(b"q" * 5000)
    sock.close()
    receive(conn, 5000)
    wait_for_end(conn)
    conn.close()
    server.close()
    tell("server_half_close", client_port, port, "ok", conn_state="SF", errno=None, closed_by="server",
         exchanges=1, bytes_sent=5010, bytes_received=20, paired=1)


def families():
    """The same connection over IPv4, IPv6, and IPv4 through IPv6 sockets, at one end and at both."""
    v4, v6 = socket.AF_INET, socket.AF_INET6
    for port, listening, host, family, connecting, folded in (
            (7310, "127.0.0.1", "127.0.0.1", v4, v4, "127.0.0.1"),
            (7311, "::1", "::1", v6, v6, "::1"),
            (7312, "::", "127.0.0.1", v6, v4, "127.0.0.1"),
            (7313, "::", "::ffff:127.0.0.1", v6, v6, "127.0.0.1"),
            (7314, "0.0.0.0", "::ffff:127.0.0.1", v4, v6, "127.0.0.1")):
        server = listener(port, host=listening, family=family)
        sock = socket.socket(connecting, socket.SOCK_STREAM)
        sock.connect((host, port))
        conn, _ = server.accept()
        client_port = port_of(sock)
        turn(sock, conn, 4)
        sock.close()
        conn.close()
        server.close()
        tell("families", client_port, port, "ok", conn_state="SF", errno=None, closed_by="client", exchanges=4,
             bytes_sent=40, bytes_received=80, paired=1, client_addr=folded, server_addr=folded)


def port_again(port=7304, client_port=45678, times=5):
    """One client port, used again as soon as its last connection was reset."""
    for number in range(1, times + 1):
        server, sock, conn = pair(port, client_port=client_port)
        turn(sock, conn, number)
        reset(sock)
        wait_for_end(conn)
        conn.close()
        server.close()
        tell("port_again", client_port, port, "reset_by_client", conn_state="RSTO", closed_by="client",
             exchanges=number, bytes_sent=10 * number, bytes_received=20 * number, paired=1)


def port_after_time_wait(port=7305, client_port=45679, times=3):
    """One client port, used again while the server's end of the last connection is in TIME_WAIT."""
    for number in range(1, times + 1):
        server, sock, conn = pair(port, client_port=client_port)
        turn(sock, conn, number)
        conn.close()
        wait_for_end(sock)
        sock.close()
        server.close()
        tell("port_after_time_wait", client_port, port, "ok", conn_state="SF", errno=None, closed_by="server",
             exchanges=number, bytes_sent=10 * number, bytes_received=20 * number, paired=1)


CASES = (server_first, both_at_once, server_half_close, families, port_again, port_after_time_wait)
