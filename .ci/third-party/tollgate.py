"""Stands between one instance and a service, and can let the instance die just after the service did what it asked for.

Bytes pass as they come. Of what goes through, only the first line of each request is looked at.
"""

import socket
import threading

METHODS = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ")


class Tollgate:
    """`deeds` gives a name to requests by how their first line begins.

    Once the service has answered one, `died(name)` is asked, and where it says so the answer is never passed on.
    """

    def __init__(self, port, deeds, died):
        self.behind, self.deeds, self.died = port, deeds, died
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                instance, _ = self.listening.accept()
            except OSError:
                return
            try:
                service = socket.create_connection(("127.0.0.1", self.behind))
            except OSError:
                instance.close()
                continue
            # What is asked for on this connection right now: one request at a time.
            asked = [None]
            for to_and_fro in (self.requests, self.answers):
                threading.Thread(target=to_and_fro, args=(instance, service, asked), daemon=True).start()

    def requests(self, instance, service, asked):
        def look(chunk):
            if chunk.startswith(METHODS):
                asked[0] = next((name for name, begin in self.deeds.items() if chunk.startswith(begin)), None)
            return True

        pump(instance, service, look)

    def answers(self, instance, service, asked):
        pump(service, instance, lambda _: asked[0] is None or not self.died(asked[0]))

    def close(self):
        # Wakes who waits in accept; closing alone does not.
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


def pump(source, sink, look):
    """Until one side ends or `look` says no; then both do."""
    try:
        while (chunk := source.recv(65536)) and look(chunk):
            sink.sendall(chunk)
    except OSError:
        pass
    finally:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        source.close()
