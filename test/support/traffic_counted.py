"""Connections of which each event is known beforehand: argv is port, connections, exchanges of each. Prints how it stands."""
import json
import socket
import sys
from traffic_tools import HOST, ask, answer, in_thread, listener, receive

port, connections, exchanges = (int(arg) for arg in sys.argv[1:])
server = listener(port)
print(json.dumps({"ready": True}), flush=True)
sys.stdin.readline()
for _ in range(connections):
    client = socket.create_connection((HOST, port))
    conn, _ = server.accept()
    answering = in_thread(answer, conn, exchanges, 10, 20)
    ask(client, exchanges, 10, 20)
    answering.join()
    # The client ends, the server sees it and ends too: three FINs are told, always.
    client.close()
    receive(conn, 1)
    conn.close()
print(json.dumps({"done": True}), flush=True)
sys.stdin.readline()
