"""What all cases of traffic need: truth told as JSON lines, sockets that ask and answer, waits for conditions."""
import contextlib
import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time

# Where servers listen, and an address that loses what is sent to it: by default a rule of the case does.
HOST = os.environ.get("TRAFFIC_HOST", "127.0.0.1")
NOBODY = os.environ.get("TRAFFIC_NOBODY", HOST)
# The network namespace of the listeners, where it is another one than that of the clients.
SERVER_NETNS = os.environ.get("TRAFFIC_SERVER_NETNS")
CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def in_namespace(path):
    """Sockets that this thread makes meanwhile belong to the namespace; None: to its own."""
    if path is None:
        yield
        return
    enter = ctypes.CDLL(None, use_errno=True).setns
    with open("/proc/thread-self/ns/net") as own, open(path) as other:
        assert enter(other.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            assert enter(own.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())


def tell(case, client_port, server_port, verdict, **more):
    row = {"case": case, "client_port": client_port, "server_port": server_port, "verdict": verdict}
    row.update(more)
    print(json.dumps(row), flush=True)


def wait_for_word():
    """Says that everything is in place, then waits until the test says to go on."""
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()


def listener(port, backlog=128, host=HOST, family=socket.AF_INET):
    with in_namespace(SERVER_NETNS):
        sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(backlog)
    return sock


def receive(sock, length):
    data = b""
    while len(data) < length:
        part = sock.recv(length - len(data))
        if not part:
            break
        data += part
    return data


def in_thread(work, *args):
    thread = threading.Thread(target=work, args=args)
    thread.start()
    return thread


def answer(conn, turns, request, response):
    """Serves `turns` questions of `request` bytes with answers of `response` bytes."""
    for _ in range(turns):
        receive(conn, request)
        conn.sendall(b"r" * response)


def ask(sock, turns, request, response):
    for _ in range(turns):
        sock.sendall(b"q" * request)
        receive(sock, response)


def wait_for_end(sock):
    """Returns when the other side has closed or reset."""
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass


def pair(port, host=HOST, family=socket.AF_INET, client_port=0):
    """A connection of this process with itself: listener, client, server. `client_port` 0: any."""
    server = listener(port, host=host, family=family)
    sock = socket.socket(family, socket.SOCK_STREAM)
    if client_port:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, client_port))
    sock.connect((host, port))
    conn, _ = server.accept()
    return server, sock, conn


def port_of(sock):
    return sock.getsockname()[1]


def turn(sock, conn, times=1, request=10, response=20):
    """Question and answer, from one thread."""
    for _ in range(times):
        sock.sendall(b"q" * request)
        receive(conn, request)
        conn.sendall(b"r" * response)
        receive(sock, response)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def tcp_info(sock):
    """State and number of segments sent again, as the kernel counts them."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return info[0], struct.unpack_from("I", info, 100)[0]


def wait_until(condition, limit_s=30):
    """Asks again and again until it is so."""
    pause = threading.Event()
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "what was waited for did not come"
        pause.wait(0.01)


def alive(port):
    """Whether this namespace has a socket of the port that TIME_WAIT has not replaced."""
    with open("/proc/self/net/tcp") as table:
        rows = [row.split() for row in table.read().splitlines()[1:]]
    return any(f":{port:04X}" in row[1] + row[2] and row[3] != "06" for row in rows)


def rule(action, *match):
    """`-A` loses what matches until `-D`."""
    subprocess.run(["iptables", action, "INPUT", "-p", "tcp", *match, "-j", "DROP"], check=True)


def counter(name):
    """A counter of this network namespace."""
    for path in ("/proc/self/net/snmp", "/proc/self/net/netstat"):
        with open(path) as file:
            lines = file.read().splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            if name in names.split():
                return int(values.split()[names.split().index(name)])
    raise KeyError(name)
