"""Two who look on all the time: a reader of the public file, and one who notes which builds are announced."""

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from clients import sha256
from feedfile import FeedFile

PAUSE = 0.01


class Onlooker(threading.Thread):
    """Looks until it is stopped. What it must not see is kept in `faults`."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.address, self.stopped = urlsplit(url), threading.Event()
        self.looks, self.faults = 0, []
        # Build → SHA-256 of its bytes, as read or as announced.
        self.builds = {}

    def run(self):
        while not self.stopped.is_set():
            try:
                if found := self.get():
                    self.look(*found)
                self.looks += 1
            except Exception as error:  # noqa: BLE001: whatever a reader stumbles over is what is to be told
                self.faults.append(f"look {self.looks}: {type(error).__name__}: {error}")
            time.sleep(PAUSE)

    def get(self):
        """One GET on a connection of its own: the answer with every byte of it, or None before there was any."""
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        try:
            connection.request("GET", f"{self.address.path}?{self.address.query}")
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status == 404 and not self.builds:
            return None
        if answer.status != 200:
            raise AssertionError(f"it is not to be had: {answer.status} {body[:200]!r}")
        return answer, body

    def stop(self):
        self.stopped.set()
        self.join()


class Reader(Onlooker):
    """Reads the public file as a stranger does, without the SDK: status, headers and every byte."""

    def look(self, answer, body):
        told, build = answer.headers["x-amz-meta-sha256"], answer.headers["x-amz-meta-build"]
        found = sha256(body)
        if told != found:
            raise AssertionError(f"build {build} says {told}, its {len(body)} bytes are {found}")
        if self.builds.setdefault(build, found) != found:
            raise AssertionError(f"build {build} has other bytes than before: {found}")
        if faults := FeedFile(body).faults:
            raise AssertionError(f"build {build}: {faults[:3]}")


class Announcements(Onlooker):
    """Notes every build that published.json names, whatever for."""

    def look(self, _answer, body):
        record = json.loads(body)
        for named in filter(None, [record.get("published"), record.get("publishing"), *record.get("earlier", [])]):
            self.builds[named["info"]["build"]] = named["info"]["sha256"]
