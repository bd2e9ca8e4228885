"""Two who look on all the time: a reader of the public file, and one who notes which builds are announced."""

import hashlib
import http.client
import json
import threading
import time
from urllib.parse import quote, urlsplit

from feedfile import FeedFile

PAUSE = 0.01


class Onlooker(threading.Thread):
    """Calls `look` until it is stopped. What it must not see is kept in `faults`."""

    def __init__(self, name, url):
        super().__init__(name=name, daemon=True)
        self.address = urlsplit(url)
        self.stopped = threading.Event()
        self.looks, self.faults = 0, []

    def run(self):
        while not self.stopped.is_set():
            try:
                self.look()
                self.looks += 1
            except Exception as error:  # noqa: BLE001: whatever a reader stumbles over is what is to be told
                self.faults.append(f"look {self.looks}: {type(error).__name__}: {error}")
            time.sleep(PAUSE)

    def get(self, path):
        """One GET on a connection of its own: the answer, and every byte of it."""
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def stop(self):
        self.stopped.set()
        self.join()


class Reader(Onlooker):
    """Reads the public file as a stranger does, without the SDK: status, headers and every byte."""

    def __init__(self, url):
        super().__init__("reader", url)
        self.target = f"{self.address.path}?{self.address.query}"
        # Build → SHA-256 of the bytes that were read under its name.
        self.builds = {}

    def look(self):
        answer, body = self.get(self.target)
        if answer.status == 404 and not self.builds:
            return
        if answer.status != 200:
            raise AssertionError(f"the public file is not to be had: {answer.status} {body[:200]!r}")
        told, build = answer.headers["x-amz-meta-sha256"], answer.headers["x-amz-meta-build"]
        found = hashlib.sha256(body).hexdigest()
        if told != found:
            raise AssertionError(f"build {build} says {told}, its {len(body)} bytes are {found}")
        if self.builds.setdefault(build, found) != found:
            raise AssertionError(f"build {build} has other bytes than before: {found}")
        faults = FeedFile(body).faults
        if faults:
            raise AssertionError(f"build {build}: {faults[:3]}")


class Announcements(Onlooker):
    """Notes every build that published.json names, whatever for."""

    def __init__(self, gcs_url, bucket, name):
        super().__init__("announcements", gcs_url)
        self.path = f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media"
        # Build → SHA-256 as announced.
        self.builds = {}

    def look(self):
        answer, body = self.get(self.path)
        if answer.status == 404 and not self.builds:
            return
        if answer.status != 200:
            raise AssertionError(f"{answer.status} {body[:200]!r}")
        record = json.loads(body)
        for named in [record.get("published"), record.get("publishing"), *record.get("earlier", [])]:
            if named:
                self.builds[named["info"]["build"]] = named["info"]["sha256"]
