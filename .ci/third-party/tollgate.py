"""Stands between one instance and a service, and can let the instance die just after the service did what it asked for.

Bytes pass as they come. Of what goes through, only the first line of each request is looked at.
"""

from contextlib import suppress
import socket
import socketserver
import threading

METHODS = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ")


class Tollgate(socketserver.ThreadingTCPServer):
    """`deeds` gives a name to requests by how their first line begins.

    Once the service has answered one, `died(name)` is asked, and where it says so the answer is never passed on.
    """

    daemon_threads, request_queue_size = True, 128

    def __init__(self, port, deeds, died):
        super().__init__(("127.0.0.1", 0), Passage)
        self.behind, self.deeds, self.died, self.port = ("127.0.0.1", port), deeds, died, self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Passage(socketserver.BaseRequestHandler):
    # What is asked for on this connection right now: one request at a time.
    asked = None

    def handle(self):
        with suppress(OSError), socket.create_connection(self.server.behind) as service:
            threading.Thread(target=pump, args=(service, self.request, self.answered), daemon=True).start()
            pump(self.request, service, self.requested)

    def requested(self, chunk):
        if chunk.startswith(METHODS):
            self.asked = next((name for name, begin in self.server.deeds.items() if chunk.startswith(begin)), None)
        return True

    def answered(self, _chunk):
        return self.asked is None or not self.server.died(self.asked)


def pump(source, sink, look):
    """Until one side ends or `look` says no; then both do."""
    with suppress(OSError):
        while (chunk := source.recv(65536)) and look(chunk):
            sink.sendall(chunk)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
