"""The duel: rounds of ticks, a caller that does not give up, and kills in the midst of runs."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
import http.client
import random
import threading
import time
from zoneinfo import ZoneInfo

from app import DAY, environment
from clients import Feed, Slack, State, sha256
from day import time_zone
from instances import Instances
from onlooker import Announcements, Reader
from reckoning import reckon
from services import CHANNELS
from shop import Cdn

LEASE, DEADLINE = "2s", "20s"
# A round is a day's ticks in its order, so many minutes apart. All rounds are of the last day, for an older time is
# refused, and none is over midnight.
APART, ROUND = timedelta(minutes=3), timedelta(minutes=3 * len(DAY))
PAST = timedelta(hours=23)
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
# How long a run takes, in seconds, until some were measured.
FIRST_GUESS = 0.4
# What a run that was taken over takes longer at most: it looks twice for what its forerunner may have posted.
LOOKS = 3.5
BACKOFF = (0.05, 0.5)
# A tick that is not answered 2xx by then is lost.
PATIENCE = 300


class Tick:
    """One scheduled time of a step, or a call by hand with the Idempotency-Key `given` and options in its `query`.

    `states` are what may become of a build.
    """

    def __init__(self, step, at, day, seed, given=None, states=("published", "superseded")):
        self.step, self.at, self.day, self.given, self.states = step, at, day, given, states
        self.query, self.killed = "", 0
        self.key = f"key:{given}" if given else at.isoformat().replace("+00:00", "Z")
        self.dice = random.Random(f"{seed} {step} {self.key}")
        self.kills = self.dice.choices(KILLS, WEIGHTS)[0]
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
    def refused(self):
        """Whether no retry can help."""
        return any(not isinstance(a, str) and 400 <= a.status < 500 and (a.json or {}).get("retryable") is False
                   for a in self.answers)

    def marker(self):
        """The key of its message in the thread; create-thread has none of its own."""
        return None if self.step == "create-thread" else f"run:{self.step}:{self.key}"


class Duel:
    """With a prefix and a name of its own. Another kind of it has another `plan`, and other `courses`."""

    NAME, SERVICE = "duel", "IKEA EP duel"

    def __init__(self, stage, ticks, seed, instances, lanes, spared=()):
        """Steps that are `spared` are delivered like the others, and nobody is killed for them."""
        self.stage, self.seed, self.lanes = stage, seed, lanes
        services = stage.services
        self.state, self.feed = State(services, f"{self.NAME}/"), Feed(services, self.NAME)
        self.slack = Slack(services, CHANNELS[1])
        self.counts, self.took, self.lock = Counter(), {}, threading.Lock()
        zone = time_zone(datetime.now().astimezone())
        self.zone = ZoneInfo(zone)
        self.days = self.plan(ticks, self.zone)
        for tick in (tick for day in self.days for tick in day if tick.step in spared):
            tick.kills = 0
        self.cdn = Cdn(self.feed)
        settings = environment(stage, self.feed, self.state, self.cdn, self.slack.channel, TIMEZONE=zone,
                               SCHEDULE=self.schedule(self.zone), SERVICE_NAME=self.SERVICE, LEASE=LEASE,
                               DEADLINE=DEADLINE, VERIFY_TIMEOUT="10s")
        self.reader = Reader(self.feed.link())
        self.announcements = Announcements(self.state.link("published.json"))
        aws_deeds = {"copy": f"PUT /{self.feed.bucket}/{self.feed.public_key}?x-id=CopyObject".encode(),
                     "invalidation": b"POST /2020-05-31/distribution/"}
        self.instances = Instances(services, stage.binary, f"{self.NAME}-instance", settings, instances,
                                   SLACK_DEEDS, aws_deeds)

    def plan(self, ticks, zone):
        """The newest round is minutes ago; one that is cut short is the oldest."""
        now = datetime.now(zone).replace(second=0, microsecond=0)
        rounds = []
        count = -(-ticks // len(DAY))
        gap = timedelta(minutes=(PAST - ROUND) // timedelta(minutes=1) // max(1, count - 1))
        assert gap >= 2 * ROUND, f"{count} rounds are too many for a day"
        for number in range(count):
            first = (now.astimezone(ZoneInfo("UTC")) - ROUND - number * gap).astimezone(zone)
            if first.date() != (first + ROUND).date():
                first -= ROUND
            ats = [(first + n * APART).astimezone(ZoneInfo("UTC")) for n in range(len(DAY))]
            rounds.insert(0, [Tick(step, at, first.date(), self.seed) for step, at in zip(DAY, ats)][:ticks])
            ticks -= len(rounds[0])
        return rounds

    def schedule(self, zone):
        """The value of SCHEDULE that has the ticks' slots."""
        slots = [(tick.step, tick.at.astimezone(zone)) for day in self.days for tick in day if tick.at]
        return ";".join(sorted({f"{step}@{at.minute} {at.hour} * * *" for step, at in slots}))

    def courses(self):
        """What the lanes play, each in its order."""
        return self.days

    def play(self):
        began = time.monotonic()
        for onlooker in (self.reader, self.announcements):
            onlooker.start()
        try:
            with ThreadPoolExecutor(self.lanes) as lanes:
                for played in [lanes.submit(self.play_day, day) for day in self.courses()]:
                    played.result()
        finally:
            self.reader.stop()
            self.announcements.stop()
            self.instances.close()
            self.cdn.close()
        self.counts["seconds"] = round(time.monotonic() - began)
        self.reckon()

    def reckon(self):
        reckon(self)

    def play_day(self, day):
        for tick in day:
            self.play_tick(tick)

    def play_tick(self, tick):
        """Delivers a tick until it is answered 2xx, and perhaps once more."""
        until = time.monotonic() + PATIENCE
        attempts = 0
        while not tick.done and not tick.refused and time.monotonic() < until:
            if attempts:
                time.sleep(tick.dice.uniform(*BACKOFF))
                self.count("retries")
            attempts += 1
            targets = self.instances.any(tick.dice, 2 if tick.dice.random() < TWICE else 1)
            self.count("doubles", len(targets) - 1)
            self.deliver(tick, targets, first=attempts == 1)
        if tick.dice.random() < ONCE_MORE:
            self.count("once more")
            self.deliver(tick, self.instances.any(tick.dice), first=False)

    def deliver(self, tick, targets, first):
        calls = [threading.Thread(target=self.call, args=(tick, target, first)) for target in targets]
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
            self.instances.pardon(doom)
            if doom.fulfilled:
                self.killed(tick, f"kills right after {doom.fulfilled}")

    def call(self, tick, target, first):
        began = time.monotonic()
        app = self.instances.app(target)
        try:
            if app is None:
                raise ConnectionRefusedError("killed before the call")
            answer = tick.send(app)
            if first and answer.status == 200:
                with self.lock:
                    self.took.setdefault(tick.step, []).append(time.monotonic() - began)
        except (OSError, http.client.HTTPException) as error:
            answer = f"{type(error).__name__}: {error}"
        with self.lock:
            tick.answers.append(answer)

    def kill(self, tick, target, calls, before):
        """Kills the instance that works on the tick, at a moment between the begin and the usual end of its run."""
        usual = self.usual(tick.step)
        moment = tick.dice.random() * usual
        if before is not None:
            # The run begins once the claim of the dead has expired; it may look for a message before it posts.
            if tick.dice.random() < 0.4:
                moment = tick.dice.random() * (usual + LOOKS)
            while self.attempt(tick) == before:
                if not any(call.is_alive() for call in calls):
                    return
                time.sleep(0.02)
        time.sleep(moment)
        if any(call.is_alive() for call in calls) and self.instances.kill(target):
            self.killed(tick, "kills at random moments")

    def killed(self, tick, how):
        tick.kills -= 1
        tick.killed += 1
        for what in ("kills", f"kills of {tick.step}", how):
            self.count(what)

    def attempt(self, tick):
        """How often the tick's run was claimed so far."""
        record = self.state.json(tick.record)
        return record["info"]["attempt"] if record else 0

    def usual(self, step):
        with self.lock:
            took = self.took.get(step, [])[-9:]
        return sorted(took)[len(took) // 2] if took else FIRST_GUESS

    def count(self, what, by=1):
        with self.lock:
            self.counts[what] += by
