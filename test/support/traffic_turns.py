"""Cases of exchanges: long ones, relayed ones, and what is no question and answer."""
import os
import socket
import threading
import time

from traffic_tools import (
    HOST, in_thread, listener, pair, port_of, receive, tell, turn, wait_for_end)

MIB = 1 << 20


def ended(case, server, sock, conn, port, **more):
    """Closes from the client's side and tells the connection."""
    client_port = port_of(sock)
    sock.close()
    wait_for_end(conn)
    conn.close()
    server.close()
    tell(case, client_port, port, "ok", conn_state="SF", errno=None, closed_by="client", paired=1, **more)


def sendfile(port=7401, size=50 * MIB, first_after_s=0.1):
    """A file of 50 MB, handed over inside the kernel, to a client that reads slowly."""
    server, sock, conn = pair(port)

    def serve():
        receive(conn, 10)
        file = os.memfd_create("file")
        os.truncate(file, size)
        threading.Event().wait(first_after_s)
        sent = 0
        while sent < size:
            sent += os.sendfile(conn.fileno(), file, sent, size - sent)
        os.close(file)
    thread = in_thread(serve)
    pause = threading.Event()
    started = time.monotonic()
    sock.sendall(b"q" * 10)
    read, first = 0, None
    while read < size:
        read += len(sock.recv(MIB))
        first = first or time.monotonic()
        pause.wait(0.005)
    last = time.monotonic()
    thread.join()
    ended("sendfile", server, sock, conn, port, exchanges=1, bytes_sent=10, bytes_received=size,
          about={"ttfb_us": (first - started) * 1e6, "total_us": (last - started) * 1e6})


def long_poll(port=7402, wait_s=3):
    """The answer comes after three seconds."""
    server, sock, conn = pair(port)

    def serve():
        receive(conn, 10)
        threading.Event().wait(wait_s)
        conn.sendall(b"r" * 20)
    thread = in_thread(serve)
    started = time.monotonic()
    sock.sendall(b"q" * 10)
    receive(sock, 20)
    last = time.monotonic()
    thread.join()
    ended("long_poll", server, sock, conn, port, exchanges=1, bytes_sent=10, bytes_received=20,
          about={"ttfb_us": (last - started) * 1e6, "total_us": (last - started) * 1e6})


def splice_proxy(port=7403, behind=7404, turns=20):
    """A relay that moves bytes between its two connections without reading them."""
    backend = listener(behind)
    server, sock, conn = pair(port)
    hop = socket.create_connection((HOST, behind))
    far, _ = backend.accept()

    def relay(source, target):
        read_end, write_end = os.pipe()
        while True:
            moved = os.splice(source.fileno(), write_end, MIB)
            if moved == 0:
                break
            while moved > 0:
                moved -= os.splice(read_end, target.fileno(), moved)
        os.close(read_end)
        os.close(write_end)
    threads = [in_thread(relay, conn, hop), in_thread(relay, hop, conn)]
    turn(sock, far, turns, 100, 3000)
    client_port, hop_port = port_of(sock), port_of(hop)
    sock.close()
    threads[0].join()
    hop.shutdown(socket.SHUT_WR)
    wait_for_end(far)
    far.close()
    threads[1].join()
    hop.close()
    conn.close()
    server.close()
    backend.close()
    for client, listening in ((client_port, port), (hop_port, behind)):
        tell("splice_proxy", client, listening, "ok", conn_state="SF", errno=None, closed_by="client",
             exchanges=turns, bytes_sent=100 * turns, bytes_received=3000 * turns, paired=1)


def pipelined(port=7405, times=10):
    """Two requests at once, answered one after the other."""
    server, sock, conn = pair(port)
    for _ in range(times):
        sock.sendall(b"q" * 10)
        sock.sendall(b"q" * 10)
        for _ in range(2):
            receive(conn, 10)
            conn.sendall(b"r" * 20)
        receive(sock, 40)
    ended("pipelined", server, sock, conn, port, bytes_sent=20 * times, bytes_received=40 * times)


def in_flight(port=7406, times=10):
    """A second request while the first one's answer is still coming."""
    server, sock, conn = pair(port)
    sock.sendall(b"q" * 10)
    for _ in range(times):
        receive(conn, 10)
        conn.sendall(b"r" * 2000)
        receive(sock, 1000)
        sock.sendall(b"q" * 10)
        receive(sock, 1000)
    receive(conn, 10)
    conn.sendall(b"r" * 20)
    receive(sock, 20)
    ended("in_flight", server, sock, conn, port, exchanges=times + 1, bytes_sent=10 * (times + 1),
          bytes_received=2000 * times + 20)


def greeting(port=7407):
    """The server speaks first, then answers three questions."""
    server, sock, conn = pair(port)
    conn.sendall(b"g" * 30)
    receive(sock, 30)
    turn(sock, conn, 3)
    ended("greeting", server, sock, conn, port, exchanges=3, bytes_sent=30, bytes_received=90)


def download(port=7408, size=MIB):
    """A stream that nobody asked for."""
    server, sock, conn = pair(port)
    thread = in_thread(conn.sendall, b"s" * size)
    receive(sock, size)
    thread.join()
    ended("download", server, sock, conn, port, exchanges=0, bytes_sent=0, bytes_received=size)


def upload(port=7409, size=MIB):
    """A stream that nobody answers."""
    server, sock, conn = pair(port)
    thread = in_thread(sock.sendall, b"s" * size)
    receive(conn, size)
    thread.join()
    ended("upload", server, sock, conn, port, exchanges=0, bytes_sent=size, bytes_received=0)


CASES = (sendfile, long_poll, splice_proxy, pipelined, in_flight, greeting, download, upload)
