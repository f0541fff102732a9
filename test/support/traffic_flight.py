"""Traffic around the beginning of what a flight recorder still holds: old connections of every sort, then new ones."""
import socket
from traffic_tools import HOST, answer, ask, in_thread, listener, receive, tell, wait_for_word

PORT = 19600
FULL_PORT = 19601
NEW = 40


def serve_one(server, turns):
    conn, _ = server.accept()
    answer(conn, turns, 10, 20)
    receive(conn, 1)
    conn.close()


server = listener(PORT)
full = listener(FULL_PORT, 0)

serving = in_thread(serve_one, server, 6)
old = socket.create_connection((HOST, PORT))
ask(old, 3, 10, 20)
# Nobody accepts: one waits in the queue, the next one's SYN is dropped.
queued = socket.create_connection((HOST, FULL_PORT))
calling = socket.socket()
calling.setblocking(False)
calling.connect_ex((HOST, FULL_PORT))

wait_for_word()

ask(old, 3, 10, 20)
tell("old", old.getsockname()[1], PORT, "open", exchanges=3, preexisting=1, paired=1, opened_ns=None)
tell("queued", queued.getsockname()[1], FULL_PORT, "open", exchanges=0, preexisting=1, paired=1, opened_ns=None)
tell("calling", calling.getsockname()[1], FULL_PORT, "open", exchanges=0, preexisting=1, paired=0, opened_ns=None)
for _ in range(NEW):
    one = in_thread(serve_one, server, 1)
    conn = socket.create_connection((HOST, PORT))
    ask(conn, 1, 10, 20)
    tell("new", conn.getsockname()[1], PORT, "ok", exchanges=1, preexisting=0, paired=1, bytes_sent=10, bytes_received=20)
    conn.close()
    one.join()
wait_for_word()
old.close()
