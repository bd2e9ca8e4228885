"""Instances of auto-ep that are killed outright and come back, as on Cloud Run."""

from functools import partial
import queue
import random
import threading
import time

from day import App
from tollgate import Tollgate


class Doom:
    """Let an instance die once a service has done one of these for it, and before it hears of it."""

    def __init__(self, deeds):
        self.deeds = deeds
        # The deed that it died of.
        self.fulfilled = None


class Instances:
    """`count` instances on the same settings. Somebody else decides when one of them dies."""

    def __init__(self, services, binary, name, settings, count, slack_deeds, aws_deeds):
        self.services, self.binary, self.name, self.settings = services, binary, name, settings
        # Reentrant: who kills may hold it already.
        self.lock = threading.Condition(threading.RLock())
        self.dooms = [[] for _ in range(count)]
        # Each has its own way to Slack and AWS, so that it is known whose request it is.
        behind = [(services.slack_port, slack_deeds), (services.moto_port, aws_deeds)]
        self.gates = [[Tollgate(port, deeds, partial(self.fulfil, number)) for port, deeds in behind]
                      for number in range(count)]
        self.apps = [self.start(number) for number in range(count)]
        self.closed = False
        # One thread starts them all again and outlives them: a child dies with the thread that started it.
        self.dead = queue.Queue()
        self.keeper = threading.Thread(target=self.bring_back, daemon=True)
        self.keeper.start()

    def start(self, number, port=None):
        slack, aws = self.gates[number]
        settings = self.settings | {"SLACK_API_URL": f"http://127.0.0.1:{slack.port}/api/",
                                    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws.port}"}
        return App(self.services, self.binary, self.log_name(number), settings, port)

    def log_name(self, number):
        return f"{self.name}-{number + 1}"

    def log_lines(self):
        """Of all instances that lived, as far as they came to write them."""
        for number in range(len(self.apps)):
            yield from (self.services.logs / f"{self.log_name(number)}.log").read_text("utf-8", "replace").splitlines()

    def any(self, dice, count=1):
        """`count` living instances, fewer where fewer live; waits until there is one."""
        with self.lock:
            if not (living := self.lock.wait_for(self.living, timeout=60)):
                raise RuntimeError(f"no instance of {self.name} came back within 60 s; see its logs")
            return dice.sample(living, min(count, len(living)))

    def living(self):
        return [number for number, app in enumerate(self.apps) if app is not None]

    def app(self, number):
        """None where it died meanwhile."""
        return self.apps[number]

    def kill(self, number):
        """SIGKILL; false where it is dead already. Another one takes its place a moment later, on the same port."""
        with self.lock:
            app, self.apps[number] = self.apps[number], None
            if app is None:
                return False
        app.process.kill()
        self.services.processes.remove(app.process)
        self.dead.put((number, app.port))
        return True

    def doom(self, numbers, deeds):
        """The first of these instances for which one of these is done dies of it."""
        doom = Doom(deeds)
        with self.lock:
            for number in numbers:
                self.dooms[number].append(doom)
        return doom

    def pardon(self, doom):
        with self.lock:
            for dooms in self.dooms:
                if doom in dooms:
                    dooms.remove(doom)

    def fulfil(self, number, deed):
        """Asked by a gate that holds the answer; true where the instance is dead now."""
        with self.lock:
            doom = next((doom for doom in self.dooms[number] if deed in doom.deeds), None)
            if doom is None or self.apps[number] is None:
                return False
            # Before the death, which the caller notices at once.
            doom.fulfilled = deed
            for dooms in self.dooms:
                if doom in dooms:
                    dooms.remove(doom)
            return self.kill(number)

    def bring_back(self):
        while (dead := self.dead.get()) is not None:
            number, port = dead
            app = None
            while app is None and not self.closed:
                time.sleep(random.uniform(0.02, 0.3))
                # On the same port, or on another where somebody took that one meanwhile.
                app, port = self.start_or_not(number, port), None
            with self.lock:
                self.apps[number] = app
                self.lock.notify_all()

    def start_or_not(self, number, port):
        """None where it does not come up: the keeper must outlive that, and tries again."""
        try:
            return self.start(number, port)
        except RuntimeError:
            return None

    def close(self):
        """Waits until all are back, then stops them. The keeper must not end before."""
        with self.lock:
            self.lock.wait_for(lambda: None not in self.apps, timeout=30)
        self.closed = True
        for app in filter(None, self.apps):
            app.process.stop()
            self.services.processes.remove(app.process)
        self.dead.put(None)
        for gate in (gate for gates in self.gates for gate in gates):
            gate.close()
