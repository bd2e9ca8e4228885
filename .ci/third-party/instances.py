"""Instances of auto-ep that are killed outright and come back, as on Cloud Run."""

from functools import partial
import queue
import random
import threading
import time

from app import App
from tollgate import Tollgate


class Doom:
    """Let the first of these instances for which a service has done one of these die of it, before it hears of it."""

    def __init__(self, numbers, deeds):
        self.numbers, self.deeds = numbers, deeds
        # The deed that one of them died of.
        self.fulfilled = None


class Instances:
    """`count` instances on the same settings. Somebody else decides when one of them dies."""

    def __init__(self, services, binary, name, settings, count, slack_deeds, aws_deeds):
        self.services, self.binary, self.name, self.settings = services, binary, name, settings
        # Reentrant: who kills may hold it already.
        self.lock, self.dooms = threading.Condition(threading.RLock()), []
        # Each has its own way to Slack and AWS, so that it is known whose request it is.
        behind = [(services.slack_port, slack_deeds), (services.moto_port, aws_deeds)]
        self.gates = [[Tollgate(port, deeds, partial(self.fulfil, number)) for port, deeds in behind]
                      for number in range(count)]
        self.apps = [self.start(number) for number in range(count)]
        # One thread starts them all again and outlives them: a child dies with the thread that started it.
        self.dead = queue.Queue()
        threading.Thread(target=self.bring_back, daemon=True).start()

    def start(self, number):
        slack, aws = self.gates[number]
        return App(self.services, self.binary, f"{self.name}-{number + 1}", self.settings | {
            "SLACK_API_URL": f"http://127.0.0.1:{slack.port}/api/", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws.port}"})

    def log(self):
        """Of all instances that lived, as far as they came to write it."""
        logs = sorted(self.services.logs.glob(f"{self.name}-*.log"))
        return "".join(log.read_text("utf-8", "replace") for log in logs)

    def any(self, dice, count=1):
        """`count` living instances, fewer where fewer live; waits until there is one."""
        with self.lock:
            if not (living := self.lock.wait_for(self.living, timeout=60)):
                raise RuntimeError(f"no instance of {self.name} came back within 60 s; see its logs")
            return dice.sample(living, min(count, len(living)))

    def living(self):
        return [number for number, app in enumerate(self.apps) if app is not None]

    def kill(self, number):
        """SIGKILL; false where it is dead already. Another one takes its place a moment later."""
        with self.lock:
            app, self.apps[number] = self.apps[number], None
        if app is None:
            return False
        self.services.discard(app.process)
        self.dead.put(number)
        return True

    def doom(self, numbers, deeds):
        doom = Doom(numbers, deeds)
        with self.lock:
            self.dooms.append(doom)
        return doom

    def fulfil(self, number, deed):
        """Asked by a gate that holds the answer; true where the instance is dead now."""
        with self.lock:
            doom = next((doom for doom in self.dooms if number in doom.numbers and deed in doom.deeds), None)
            if doom is None or self.apps[number] is None:
                return False
            # Before the death, which the caller notices at once.
            doom.fulfilled, doom.deeds = deed, []
            return self.kill(number)

    def bring_back(self):
        while (number := self.dead.get()) is not None:
            time.sleep(random.uniform(0.02, 0.3))
            app = self.start(number)
            with self.lock:
                self.apps[number] = app
                self.lock.notify_all()

    def close(self):
        """Waits until all are back, then stops them; gives their exit statuses. The keeper must not end before."""
        with self.lock:
            self.lock.wait_for(lambda: None not in self.apps, timeout=30)
        ends = [app.process.stop() for app in filter(None, self.apps)]
        self.dead.put(None)
        return ends
