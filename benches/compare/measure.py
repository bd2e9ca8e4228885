"""Runs processes on chosen cores, and tells how long they took and what memory they had.

It knows nothing of what is compared.
"""

import dataclasses
import hashlib
import http.client
import json
import os
from pathlib import Path
import signal
import statistics
import subprocess
import threading
import time

START_TIMEOUT = 30
CALL_TIMEOUT = 900


@dataclasses.dataclass
class Turn:
    """One run of one contender."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    # What the contender says itself.
    told: dict


class Failed(Exception):
    """A process that did not do what it was for, with what it said."""


def spawn(argv, cores, **options):
    """A process on these cores: it inherits them, so nothing runs between its fork and its exec."""
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        return subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **options)
    finally:
        os.sched_setaffinity(0, own)


def run(argv, cores, env=None):
    """Runs a command to its end; the last line that it prints is JSON."""
    begun = time.perf_counter()
    child = spawn(argv, cores, stderr=subprocess.PIPE, env=env)
    errors = []
    reader = threading.Thread(target=lambda: errors.append(child.stderr.read()))
    reader.start()
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    if child.returncode != 0:
        raise Failed(f"{argv[0]} ended with {child.returncode}: {errors[0].decode('utf-8', 'replace')[-2000:]}")
    lines = out.decode("utf-8", "replace").strip().splitlines()
    told = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Turn(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, told)


class Service:
    """A serving process, from its spawn on."""

    def __init__(self, argv, cores, env):
        self.begun = time.perf_counter()
        self.child = spawn(argv, cores, stderr=subprocess.STDOUT, env=env)
        self.log, self.port = [], None

    def serving(self):
        """Waits for the line of its log that says where it listens."""
        for line in self.child.stdout:
            self.log.append(line.decode("utf-8", "replace"))
            if b'"serving"' in line:
                self.port = int(json.loads(line)["url"].rpartition(":")[2])
                # What it says from now on must not fill the pipe.
                threading.Thread(target=lambda: self.log.extend(
                    line.decode("utf-8", "replace") for line in self.child.stdout), daemon=True).start()
                return self
        raise Failed(f"it does not serve:\n{''.join(self.log)[-2000:]}")

    def post(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CALL_TIMEOUT)
        try:
            connection.request("POST", path, headers={"Content-Length": "0"})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        if answer.status != 200:
            raise Failed(f"{path}: {answer.status} {text[:2000]}\n{''.join(self.log)[-2000:]}")
        return json.loads(text)

    def since_spawn(self):
        return time.perf_counter() - self.begun

    def end(self):
        """Kills it; gives the CPU seconds and the peak memory in MiB. What is measured is over by then."""
        peak = of_status(self.child.pid, "VmHWM")
        self.child.send_signal(signal.SIGKILL)
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime, peak


def first_answer(argv, port, path, cores, env):
    """Spawns a server and asks until it answers; gives it with the milliseconds until its first 200."""
    service = Service(argv, cores, env)
    while service.since_spawn() < START_TIMEOUT:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return service, service.since_spawn() * 1000
        except OSError:
            time.sleep(0.0002)
        finally:
            connection.close()
    service.end()
    raise Failed(f"{argv[0]} does not answer on {port}:\n{service.child.stdout.read().decode()[-2000:]}")


def of_status(pid, what):
    """A size that the kernel tells of a process, in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        lines = dict(line.split(":", 1) for line in status if ":" in line)
    return int(lines[what].split()[0]) / 1024


def resident_mib(pid):
    """The memory of a process and of all that it started."""
    total, tree = 0, [pid]
    while tree:
        pid = tree.pop()
        total += of_status(pid, "VmRSS")
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            tree += [int(child) for child in children.read().split()]
    return total


def summary(turns, size_mb=None):
    """The median and both ends of the turns' seconds, and what follows from them."""
    seconds = [turn.seconds for turn in turns]
    median = statistics.median(seconds)
    told = {"turns": len(turns), "seconds": round(median, 4), "least": round(min(seconds), 4),
            "most": round(max(seconds), 4), "cpu_seconds": round(statistics.median(t.cpu_seconds for t in turns), 3),
            "peak_mib": round(max(turn.peak_mib for turn in turns), 1)}
    if size_mb:
        told["mb_per_second"] = round(size_mb / median, 1)
    for name in ("duration_ms", "build_ms"):
        if all(name in turn.told for turn in turns):
            told[name] = statistics.median(turn.told[name] for turn in turns)
    return told


def children(pid):
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            yield from children(int(child))
            yield int(child)


def hashed(path):
    """What the file's sum alone costs with the processor's own instructions for it."""
    data = path.read_bytes()
    begun = time.perf_counter()
    hashlib.sha256(data).hexdigest()
    seconds = time.perf_counter() - begun
    return Turn(seconds, seconds, 0, {})
