"""Instances of auto-ep that are killed outright and come back, as on Cloud Run."""

import queue
import random
import threading
import time

from day import App


class Instances:
    """`count` instances on the same settings. Somebody else decides when one of them dies."""

    def __init__(self, services, binary, name, settings, count):
        self.services, self.binary, self.name, self.settings = services, binary, name, settings
        self.lock = threading.Condition()
        self.apps = [self.start(number) for number in range(count)]
        # One thread starts them all again and outlives them: a child dies with the thread that started it.
        self.dead = queue.Queue()
        self.keeper = threading.Thread(target=self.bring_back, daemon=True)
        self.keeper.start()

    def start(self, number, port=None):
        return App(self.services, self.binary, f"{self.name}-{number + 1}", self.settings, port)

    def any(self, dice, count=1):
        """`count` living instances, fewer where fewer live; waits until there is one."""
        with self.lock:
            self.lock.wait_for(self.living, timeout=60)
            living = self.living()
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

    def bring_back(self):
        while (dead := self.dead.get()) is not None:
            number, port = dead
            time.sleep(random.uniform(0.02, 0.3))
            app = self.start_somehow(number, port)
            with self.lock:
                self.apps[number] = app
                self.lock.notify_all()

    def start_somehow(self, number, port):
        """On the same port, or on another where somebody took that one meanwhile."""
        try:
            return self.start(number, port)
        except RuntimeError:
            return self.start(number)

    def close(self):
        """Waits until all are back, then stops them. The keeper must not end before."""
        with self.lock:
            self.lock.wait_for(lambda: None not in self.apps, timeout=30)
        for app in filter(None, self.apps):
            app.process.stop()
            self.services.processes.remove(app.process)
        self.dead.put(None)
