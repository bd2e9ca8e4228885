"""The duel's other course: builds are forced and rolled back by hand, while instances are killed."""

from contextlib import nullcontext
from datetime import datetime, time as time_of_day, timedelta, timezone

from clients import sha256
from duel import Duel, Tick

# Held builds at most: published.json remembers 60 exports.
HELD = 20
# What a call is: one in so many forces a held build, the others roll back.
FORCES = 3


class Rollbacks(Duel):
    """Two exports that are published and some that are held come first, undisturbed; then the calls.

    A lane rolls back to what was published in the opening and to what it forced itself: a held build that another lane
    did not force yet, or whose forcing was superseded by a newer call, is refused.
    """

    NAME, SERVICE = "rollbacks", "IKEA EP rollbacks"

    def plan(self, calls, zone):
        today = datetime.now(zone).date()
        midnight = datetime.combine(today, time_of_day(), zone).astimezone(timezone.utc)

        def export(number, *states):
            # In minutes that are no slot of an export each time is a run of its own.
            return Tick("export-products", midnight + timedelta(minutes=4, seconds=10 * number), today, self.seed,
                        states=states)

        # The last of them is forced by nobody, so nobody may see it.
        held = min(HELD, -(-calls // FORCES))
        self.published = [export(n, "published") for n in (0, 1)]
        self.held = [export(2 + n, "held") for n in range(held + 1)]
        opening = [Tick("create-thread", midnight, today, self.seed), *self.published, *self.held]
        for tick in opening:
            tick.kills = 0
        by_hand = [Tick("export-products", None, today, self.seed, given=f"{self.seed}-{n}") for n in range(calls)]
        # Builds that calls asked for; where readers got another one right after a call, and how often was looked.
        self.called, self.wrong, self.looked = set(), [], 0
        return [opening, *filter(None, (by_hand[lane::self.lanes] for lane in range(self.lanes)))]

    def schedule(self, zone):
        return "create-thread@0 0 * * *;export-products@3,15 0 * * *"

    def courses(self):
        opening, *by_hand = self.days
        for number, tick in enumerate(opening):
            lost = 0.3 + number / 100 if tick in self.held else 0.02 * (tick is self.published[-1])
            with self.stage.catalogue.without(lost) if lost else nullcontext():
                self.play_tick(tick)
        self.to_force = [[built(tick) for tick in self.held[:-1][lane::self.lanes]] for lane in range(len(by_hand))]
        self.to_roll_back = [[built(tick) for tick in self.published] for _ in by_hand]
        return by_hand

    def play_day(self, day):
        lane = self.days.index(day) - 1
        for number, tick in enumerate(day):
            forced = number % FORCES == 0 and bool(self.to_force[lane])
            if forced:
                build = self.to_force[lane].pop(0)
                tick.query = f"?build={build}&force=true&reason=call%20{number}"
            else:
                build = tick.dice.choice(self.to_roll_back[lane])
                tick.query = f"?build={build}"
            self.play_tick(tick)
            self.called.add(build)
            if forced and tick.done and tick.done[0].json["report"]["publication"]["state"] == "published":
                self.to_roll_back[lane].append(build)
            if len(self.days) == 2:
                self.look(tick, build)

    def look(self, tick, build):
        """One lane alone: its last call decides what readers get, however often it was delivered."""
        self.looked += 1
        public, stored = self.feed.get(self.feed.public_key), self.feed.build(build)
        found = public["Metadata"].get("build")
        if found != build or public["Bytes"] != stored["Bytes"]:
            self.wrong.append((tick.key, f"{found} instead of {build}"))

    def reckon(self):
        check = self.stage.checks
        by_hand = [tick for day in self.days[1:] for tick in day]
        check.equal("every call is answered with the build that it asks for",
                    [(t.key, t.query, a) for t in by_hand for a in t.done[:1]
                     if f"build={a.json['report']['build']}" not in t.query[1:].split("&")], [])
        if self.looked:
            check.equal(f"the public file was the called build's stored bytes at each of {self.looked} looks after a call",
                        self.wrong, [])
        unasked = self.reader.builds.keys() - self.called - {built(tick) for tick in self.published}
        check.equal("no reader got a build that nobody asked for", unasked, set())
        check.equal("every reader got the stored bytes", {
            build for build, found in self.reader.builds.items()
            if sha256(self.feed.build(build)["Bytes"]) != found
        }, set())
        super().reckon()


def built(tick):
    return tick.done[0].json["report"]["build"]
