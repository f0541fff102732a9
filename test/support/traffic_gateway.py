"""Case of a gateway that others wrote: HAProxy, told to move bytes between its connections inside the kernel."""
import os
import re
import socket
import subprocess
import tempfile
import threading
import time

from traffic_tools import HOST, alive, in_thread, listener, port_of, receive, tell, wait_for_end, wait_until

MIB = 1 << 20
CONFIG = """
global
  stats socket {control}
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind {host}:{port}
  option splice-request
  option splice-response
  default_backend back
backend back
  option splice-request
  option splice-response
  server only {host}:{behind}
"""


def spliced_bytes(control):
    """Bytes that HAProxy, as it says itself, never had in its own memory; its versions spell the name in two ways."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(control)
        sock.sendall(b"show info\n")
        told = receive(sock, MIB).decode()
    return int(re.search(r"^TotalSplic\w*BytesOut: (\d+)$", told, re.M).group(1))


def serve(conn, sizes, first_after_s):
    """Answers each request of 100 bytes with a file of the next size, the last one after a while."""
    for size in sizes:
        receive(conn, 100)
        if size == sizes[-1]:
            threading.Event().wait(first_after_s)
        file = os.memfd_create("file")
        os.truncate(file, size)
        sent = 0
        while sent < size:
            sent += os.sendfile(conn.fileno(), file, sent, size - sent)
        os.close(file)


def read_slowly(sock, size):
    """Times of the first and the last byte."""
    pause = threading.Event()
    read, first = 0, None
    while read < size:
        read += len(sock.recv(MIB))
        first = first or time.monotonic()
        pause.wait(0.005)
    return first, time.monotonic()


def haproxy(port=7501, behind=7502, turns=20, size=300_000, last=50 * MIB):
    """Twenty questions through the gateway, and one whose long answer the client reads slowly."""
    sizes = [size] * turns + [last]
    server = listener(behind)
    with tempfile.TemporaryDirectory() as folder:
        control, config = os.path.join(folder, "control"), os.path.join(folder, "haproxy.cfg")
        with open(config, "w") as file:
            file.write(CONFIG.format(control=control, host=HOST, port=port, behind=behind))
        gateway = subprocess.Popen(["haproxy", "-db", "-q", "-f", config])
        try:
            wait_until(lambda: alive(port))
            sock = socket.create_connection((HOST, port))
            conn, (_, hop_port) = server.accept()
            thread = in_thread(serve, conn, sizes, 0.2)
            for _ in range(turns):
                sock.sendall(b"q" * 100)
                receive(sock, size)
            started = time.monotonic()
            sock.sendall(b"q" * 100)
            first, ended = read_slowly(sock, last)
            thread.join()
            client_port = port_of(sock)
            sock.close()
            wait_for_end(conn)
            conn.close()
            spliced = spliced_bytes(control)
        finally:
            gateway.terminate()
            gateway.wait()
    server.close()
    about = {"ttfb_us": (first - started) * 1e6, "total_us": (ended - started) * 1e6, "spliced": spliced}
    for client, listening in ((client_port, port), (hop_port, behind)):
        tell("haproxy", client, listening, "ok", conn_state="SF", errno=None, closed_by="client", exchanges=turns + 1,
             bytes_sent=100 * (turns + 1), bytes_received=sum(sizes), paired=1, about=about)


CASES = (haproxy,)
