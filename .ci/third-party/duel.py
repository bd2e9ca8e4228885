"""The duel: rounds of ticks, a caller that does not give up, and kills in the midst of runs."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone
import http.client
import random
import threading
import time
from zoneinfo import ZoneInfo

from app import DAY, environment
from clients import Feed, Slack, State, sha256
from instances import Instances
from reckoning import Reader, reckon
from services import CHANNELS

MINUTE = timedelta(minutes=1)
# A round is a day's ticks in its order, so many minutes apart. All rounds are of the last day, for an older time is
# refused, and none is over midnight.
APART, PAST = 3 * MINUTE, timedelta(hours=23)
ROUND = len(DAY) * APART
# How often a tick's run is killed: most are once or more.
KILLS, WEIGHTS = [0, 1, 2, 3], [15, 50, 25, 10]
# The part of kills that fall right after the first of these was done, before the instance hears of it; the others fall
# at random moments. A build that is superseded is never copied.
SHARP = 0.6
DEEDS = {"create-thread": [["message"]], "verify-ep": [["message"]],
         "export-products": [["message"], ["message"], ["copy", "message"], ["invalidation", "message"]]}
SLACK_DEEDS = {"message": b"POST /api/chat.postMessage "}
# Parts of all deliveries that come twice at once, and of all finished ticks that come once more.
TWICE, ONCE_MORE = 0.25, 0.2
# Rounds that are played at the same time.
LANES = 4
# How long a run takes, in seconds, and how much longer one that was taken over: it looks twice for what its forerunner
# may have posted.
RUN, LOOKS = 0.5, 3.5
# A tick that is not answered 2xx by then, in seconds, is lost.
PATIENCE = 120


class Tick:
    """One scheduled time of a step, or a call by hand with the Idempotency-Key `given` and options in its `query`.

    `states` are what may become of a build.
    """

    def __init__(self, step, at, day, seed, given=None, states=("published", "superseded")):
        self.step, self.at, self.day, self.given, self.states, self.query = step, at, day, given, states, ""
        self.key = f"key:{given}" if given else at.isoformat().replace("+00:00", "Z")
        self.dice = random.Random(f"{seed} {step} {self.key}")
        self.kills, self.killed = self.dice.choices(KILLS, WEIGHTS)[0], 0
        self.record = f"runs/{step}/{sha256(self.key.encode())[:32]}.json"
        # Every answer, in order of arrival; an error instead of an answer is a text.
        self.answers = []

    def send(self, app):
        if self.given:
            return app.call(f"/{self.step}{self.query}", {"Idempotency-Key": self.given})
        return app.tick(self.step, self.at)

    @property
    def done(self):
        return [a for a in self.answers if not isinstance(a, str) and 200 <= a.status < 300]

    @property
    def report(self):
        """What an export did."""
        return self.done[0].json["report"]

    @property
    def marker(self):
        """The key of its message in the thread; create-thread has none of its own."""
        return None if self.step == "create-thread" else f"run:{self.step}:{self.key}"


class Duel:
    """With a prefix and a name of its own. Another kind of it has another `plan`, and other `courses`."""

    def __init__(self, name, stage, ticks, seed, channel=CHANNELS[1], instances=2, spared=()):
        """Nobody is killed for the steps that are `spared`."""
        self.stage, self.check, self.seed = stage, stage.checks, seed
        services = stage.services
        self.state, self.feed = State(services, f"{name}/"), Feed(services, name)
        self.slack = Slack(services, channel)
        self.counts, self.lock = Counter(), threading.Lock()
        self.now = datetime.now(timezone.utc).replace(second=0, microsecond=0)
        # Seoul, unless its midnight is so near that a round that has just ended would be of two days.
        seoul = self.now.astimezone(ZoneInfo("Asia/Seoul"))
        near = (seoul - ROUND - 2 * MINUTE).date() != (seoul + 10 * MINUTE).date()
        self.zone = ZoneInfo("Asia/Kolkata" if near else "Asia/Seoul")
        self.days = self.plan(ticks)
        self.ticks = [tick for day in self.days for tick in day]
        for tick in self.ticks:
            tick.kills *= tick.step not in spared
        self.service = f"IKEA EP {name}"
        settings = environment(stage, self.feed, self.state, channel, TIMEZONE=self.zone.key,
                               SCHEDULE=self.schedule(), SERVICE_NAME=self.service, LEASE="2s", DEADLINE="20s",
                               VERIFY_TIMEOUT="10s")
        aws_deeds = {"copy": f"PUT /{self.feed.bucket}/{self.feed.public_key}?x-id=CopyObject".encode(),
                     "invalidation": b"POST /2020-05-31/distribution/"}
        self.instances = Instances(services, stage.binary, f"{name}-instance", settings, instances,
                                   SLACK_DEEDS, aws_deeds)

    def plan(self, ticks):
        """The newest round is minutes ago; one that is cut short is the oldest."""
        count = -(-ticks // len(DAY))
        gap = (PAST - ROUND) // MINUTE // max(1, count - 1) * MINUTE
        assert gap >= 2 * ROUND, f"{count} rounds are too many for a day"
        rounds = []
        for number in range(count):
            first = (self.now - ROUND - number * gap).astimezone(self.zone)
            if first.date() != (first + ROUND).date():
                first -= ROUND
            ats = [(first + n * APART).astimezone(timezone.utc) for n in range(len(DAY))]
            rounds.insert(0, [Tick(step, at, first.date(), self.seed) for step, at in zip(DAY, ats)][:ticks])
            ticks -= len(rounds[0])
        return rounds

    def schedule(self):
        slots = {(tick.step, tick.at.astimezone(self.zone)) for tick in self.ticks}
        return ";".join(sorted({f"{step}@{at.minute} {at.hour} * * *" for step, at in slots}))

    def courses(self):
        """What the lanes play, each in its order."""
        return self.days

    def play(self):
        began, self.reader = time.monotonic(), Reader(self.feed.url)
        self.reader.start()
        try:
            with ThreadPoolExecutor(LANES) as lanes:
                for played in [lanes.submit(self.play_day, day) for day in self.courses()]:
                    played.result()
        finally:
            self.reader.stop()
            self.ends = self.instances.close()
        self.seconds = round(time.monotonic() - began)
        reckon(self)
        return self

    def play_day(self, day):
        for tick in day:
            self.play_tick(tick)

    def play_tick(self, tick):
        """Delivers a tick until it is answered 2xx, and perhaps once more."""
        until, first = time.monotonic() + PATIENCE, True
        while not tick.done and time.monotonic() < until:
            targets = self.instances.any(tick.dice, 2 if tick.dice.random() < TWICE else 1)
            self.deliver(tick, targets, first)
            first = False
        if tick.dice.random() < ONCE_MORE:
            self.deliver(tick, self.instances.any(tick.dice), False)

    def deliver(self, tick, targets, first):
        calls = [threading.Thread(target=self.call, args=(tick, target)) for target in targets]
        before = None if first else self.attempt(tick)
        deadly = tick.kills > 0 and not tick.done
        doom = None
        if deadly and tick.dice.random() < SHARP:
            doom = self.instances.doom(targets, tick.dice.choice(DEEDS[tick.step]))
        for call in calls:
            call.start()
        if deadly and doom is None:
            self.kill(tick, targets[0], calls, before)
        for call in calls:
            call.join()
        if doom is not None:
            doom.deeds = []
            if doom.fulfilled:
                self.killed(tick, f"right after {doom.fulfilled}")
        time.sleep(tick.dice.uniform(0.05, 0.5) * (not tick.done))

    def call(self, tick, target):
        app = self.instances.apps[target]
        try:
            if app is None:
                raise ConnectionRefusedError("killed before the call")
            answer = tick.send(app)
        except (OSError, http.client.HTTPException) as error:
            answer = f"{type(error).__name__}: {error}"
        with self.lock:
            tick.answers.append(answer)

    def kill(self, tick, target, calls, before):
        """Kills the instance that works on the tick, at a moment between the begin and the usual end of its run."""
        moment = tick.dice.random() * RUN
        if before is not None:
            # The run begins once the claim of the dead has expired; it may look for a message before it posts.
            if tick.dice.random() < 0.4:
                moment = tick.dice.random() * (RUN + LOOKS)
            while self.attempt(tick) == before:
                if not any(call.is_alive() for call in calls):
                    return
                time.sleep(0.02)
        time.sleep(moment)
        if any(call.is_alive() for call in calls) and self.instances.kill(target):
            self.killed(tick, "at random moments")

    def killed(self, tick, how):
        tick.kills, tick.killed = tick.kills - 1, tick.killed + 1
        with self.lock:
            self.counts[how] += 1

    def attempt(self, tick):
        """How often the tick's run was claimed so far."""
        record = self.state.json(tick.record)
        return record["info"]["attempt"] if record else 0


class Rollbacks(Duel):
    """Two exports that are published and some that are held come first, undisturbed; then calls by hand, of which one in
    three forces a held build and the others roll back to what was public, while instances are killed."""

    def plan(self, calls):
        today = self.now.astimezone(self.zone).date()
        midnight = datetime.combine(today, datetime.min.time(), self.zone).astimezone(timezone.utc)

        def export(number, *states):
            # In minutes that are no slot of an export each time is a run of its own.
            at = midnight + timedelta(minutes=4, seconds=10 * number)
            return Tick("export-products", at, today, self.seed, states=states)

        # The last of them is forced by nobody, so nobody may see it. published.json remembers 60 exports.
        self.published = [export(n, "published") for n in (0, 1)]
        self.held = [export(2 + n, "held") for n in range(min(20, -(-calls // 3)) + 1)]
        self.opening = [Tick("create-thread", midnight, today, self.seed), *self.published, *self.held]
        for tick in self.opening:
            tick.kills = 0
        self.by_hand = [Tick("export-products", None, today, self.seed, given=f"{self.seed}-{n}") for n in range(calls)]
        # Builds that calls asked for, and where readers got another one right after a call.
        self.called, self.wrong = set(), []
        return [self.opening, self.by_hand]

    def schedule(self):
        return "create-thread@0 0 * * *;export-products@3,15 0 * * *"

    def courses(self):
        for number, tick in enumerate(self.opening):
            lost = 0.3 + number / 100 if tick in self.held else 0.02 * (tick is self.published[-1])
            with self.stage.catalogue.without(lost) if lost else nullcontext():
                self.play_tick(tick)
        return [self.by_hand]

    def play_day(self, day):
        to_force = [tick.report["build"] for tick in self.held[:-1]]
        to_roll_back = [tick.report["build"] for tick in self.published]
        for number, tick in enumerate(day):
            forced = number % 3 == 0 and bool(to_force)
            build = to_force.pop(0) if forced else tick.dice.choice(to_roll_back)
            tick.query = f"?build={build}" + f"&force=true&reason=call%20{number}" * forced
            self.play_tick(tick)
            self.called.add(build)
            if forced and tick.done and tick.report["publication"]["state"] == "published":
                to_roll_back.append(build)
            # The last call decides what readers get, however often it was delivered.
            public, stored = self.feed.get(self.feed.public_key), self.feed.build(build)
            if public["Metadata"]["build"] != build or public["Bytes"] != stored["Bytes"]:
                self.wrong.append((tick.key, f"{public['Metadata']['build']} instead of {build}"))
