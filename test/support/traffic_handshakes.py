"""Cases of connections that do not come to be, or that no process takes."""
import errno
import socket

from traffic_tools import (
    HOST, alive, counter, listener, pair, port_of, rule, tcp_info, tell, turn, wait_for_word, wait_until)

TCP_ESTABLISHED = 1
TCP_CLOSE = 7


def attempt(host, port, source=HOST):
    """Connects and gives the client's port and the error."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind((source, 0))
    client_port = port_of(sock)
    code = sock.connect_ex((host, port))
    sock.close()
    return client_port, code


def begin(port):
    """A connect that does not wait for its end."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.bind((HOST, 0))
    code = sock.connect_ex((HOST, port))
    assert code == errno.EINPROGRESS, code
    return sock


def listener_closed(port=7101):
    """The listener answers one connection and is gone for the next."""
    server, sock, conn = pair(port)
    client_port = port_of(sock)
    turn(sock, conn)
    server.close()
    sock.close()
    conn.close()
    tell("listener_closed", client_port, port, "ok", conn_state="SF", errno=None, closed_by="client",
         exchanges=1, paired=1, bytes_sent=10, bytes_received=20)
    client_port, code = attempt(HOST, port)
    assert code == errno.ECONNREFUSED, code
    tell("listener_closed", client_port, port, "refused", conn_state="REJ", errno="ECONNREFUSED",
         exchanges=0, paired=0)


def no_neighbour(host="10.99.1.77", source="10.99.1.1", port=7102):
    """An address of the own network that no machine has."""
    client_port, code = attempt(host, port, source)
    assert code == errno.EHOSTUNREACH, code
    tell("no_neighbour", client_port, port, "unreachable", conn_state="S0", errno="EHOSTUNREACH",
         exchanges=0, paired=0, client_addr=source, server_addr=host)


def icmp_unreachable(port=7103):
    """A rule answers that the host cannot be reached."""
    client_port, code = attempt(HOST, port)
    assert code == errno.EHOSTUNREACH, code
    tell("icmp_unreachable", client_port, port, "unreachable", conn_state="S0", errno="EHOSTUNREACH",
         exchanges=0, paired=0)


def no_route(port=7104):
    """The routing table itself says no: connect fails before a SYN, and there never was a connection."""
    for host in ("10.98.0.1", "192.0.2.1"):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        code = sock.connect_ex((host, port))
        assert code in (errno.EHOSTUNREACH, errno.ENETUNREACH), code
        sock.close()


def cancelled_late(port=7007):
    """The client gives up after its SYN was sent twice."""
    sock = begin(port)
    client_port = port_of(sock)
    wait_until(lambda: tcp_info(sock)[1] == 1)
    sock.close()
    tell("cancelled_late", client_port, port, "cancelled", conn_state="S0", errno=None, exchanges=0, paired=0,
         retransmits=1)


def queue_full(port=7105):
    """A queue for two that is never taken from: SYNs of the others are dropped."""
    server = listener(port, backlog=1)
    waiting = [begin(port) for _ in range(2)]
    wait_until(lambda: all(tcp_info(sock)[0] == TCP_ESTABLISHED for sock in waiting))
    late = [begin(port) for _ in range(5)]
    patient, hasty = late[:3], late[3:]
    ports = {sock: port_of(sock) for sock in waiting + late}
    wait_until(lambda: all(tcp_info(sock)[1] == 1 for sock in hasty))
    for sock in hasty:
        sock.close()
        tell("queue_full", ports[sock], port, "cancelled", conn_state="S0", errno=None, exchanges=0,
             paired=0, retransmits=1)
    for sock in patient:
        wait_until(lambda: tcp_info(sock)[0] == TCP_CLOSE)
        retransmits = tcp_info(sock)[1]
        assert retransmits > 0
        sock.close()
        tell("queue_full", ports[sock], port, "timeout", conn_state="S0", errno="ETIMEDOUT", exchanges=0,
             paired=0, retransmits=retransmits)
    for sock in waiting:
        sock.close()
        tell("queue_full", ports[sock], port, "never_accepted", exchanges=0, paired=1, retransmits=0)
    server.close()


def queue_full_late(port=7106, backlog=8):
    """The queue fills up between SYN and ACK: clients believe in a connection that no server has."""
    server = listener(port, backlog=backlog)
    acks = ("--dport", str(port), "--tcp-flags", "SYN,ACK", "ACK")
    rule("-A", *acks)
    late = [socket.create_connection((HOST, port)) for _ in range(6)]
    rule("-D", *acks)
    waiting = [socket.create_connection((HOST, port)) for _ in range(backlog + 1)]
    before = counter("ListenOverflows")
    wait_until(lambda: counter("ListenOverflows") >= before + len(late))
    for sock in waiting + late:
        client_port = port_of(sock)
        sock.close()
        tell("queue_full_late", client_port, port, "never_accepted", closed_by="client", exchanges=0,
             paired=0 if sock in late else 1)
    server.close()
    wait_until(lambda: not alive(port))
    wait_for_word()


CASES = (listener_closed, no_neighbour, icmp_unreachable, no_route, cancelled_late, queue_full, queue_full_late)
