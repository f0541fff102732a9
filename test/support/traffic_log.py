"""Connections one after the other, as fast as they go, until killed. The file of argv holds when each began, 8 bytes each."""
import socket
import struct
import sys
import time
from traffic_tools import HOST, in_thread, listener

port = int(sys.argv[1])
server = listener(port)


def serve():
    while True:
        conn, _ = server.accept()
        conn.recv(10)
        conn.sendall(b"r")
        conn.recv(1)
        conn.close()


in_thread(serve)
print("{}", flush=True)
with open(sys.argv[2], "wb") as log:
    told = 0
    while True:
        now = time.monotonic_ns()
        log.write(struct.pack("<Q", now))
        client = socket.create_connection((HOST, port))
        client.sendall(b"q")
        client.recv(1)
        client.close()
        if now - told > 20_000_000:
            log.flush()
            told = now
