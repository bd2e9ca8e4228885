"""Seven ticks of Cloud Scheduler, then what arrived in Slack, S3, CloudFront and GCS."""

from datetime import datetime, timedelta, timezone
import json
from zoneinfo import ZoneInfo

from app import App, DAY, MENTION, STOP_TIMEOUT, environment
from clients import Feed, SECRET_KEY, Slack, State, everything_said, sha256
from feedfile import FeedFile
from services import CHANNELS, SLACK_APP_TOKEN
from shop import Cdn

MINUTE = timedelta(minutes=1)


def time_zone(now):
    """Seoul, unless its midnight is so near that the played day would be two."""
    for name in ("Asia/Seoul", "Asia/Kolkata"):
        local = now.astimezone(ZoneInfo(name))
        if (local - 20 * MINUTE).date() == local.date() == (local + 20 * MINUTE).date():
            return name
    raise AssertionError("two zones 3.5 hours apart cannot both be at midnight")


class Day:
    """The slots are squeezed into the minutes before now: a time ahead of the clock would count as forced."""

    def __init__(self, stage):
        now = datetime.now(timezone.utc).replace(second=0, microsecond=0)
        self.check, self.catalogue, zone = stage.checks, stage.catalogue, time_zone(now)
        self.slots = [(step, now - (len(DAY) - n) * MINUTE) for n, step in enumerate(DAY)]
        self.local = [(step, at.astimezone(ZoneInfo(zone))) for step, at in self.slots]
        self.feed, self.state, self.slack = Feed(stage.services), State(stage.services), Slack(stage.services, CHANNELS[0])
        self.cdn = Cdn(self.feed)
        schedule = ";".join(f"{step}@{at.minute} {at.hour} * * *" for step, at in self.local)
        self.app = App(stage.services, stage.binary, "auto-ep", environment(
            stage, self.feed, self.state, self.cdn, self.slack.channel, TIMEZONE=zone, SCHEDULE=schedule))

    def play(self):
        # The catalogue changes between the two exports, and one page stumbles once.
        self.catalogue.stumbles.add(("fu002", 30))
        answers, parents = [], []
        for number, (step, at) in enumerate(self.slots, start=1):
            if number == 6:
                self.catalogue.afternoon()
            answers.append(self.tick(f"tick {number} {step}", step, at))
            parents.append([everything_said(p) for p in self.slack.parents()])
        self.check.that("the parent is edited after every run", len({str(p) for p in parents}) == len(DAY), parents)
        self.check.equal("a page that answers 503 once is asked for again", self.catalogue.stumbles, set())
        parent = self.thread(answers)
        builds = [a.json["report"]["build"] for (step, _), a in zip(self.slots, answers) if step == "export-products"]
        self.public_file(builds)
        self.records(parent, builds[-1])
        self.logs()
        code, seconds = self.app.terminate()
        self.check.equal(f"SIGTERM ends it well within {STOP_TIMEOUT} s, after {seconds:.1f} s", code, 0)
        self.cdn.close()

    def tick(self, name, step, at):
        reads = len(self.cdn.requests)
        answer = self.app.tick(step, at)
        body = answer.json or {}
        self.check.that(f"{name}: is answered 200 and well", (answer.status, body.get("status"), body.get("route"))
                        == (200, "ok", step), answer)
        if step == "verify-ep":
            self.check.equal(f"{name}: reads the public file once", self.cdn.requests[reads:],
                             ["/" + self.feed.public_key])
            checks = {c["id"]: c["status"] for c in body["report"]["checks"]}
            self.check.that(f"{name}: every check passes", len(checks) > 10 and set(checks.values()) == {"pass"}, checks)
        if step == "export-products":
            public = self.feed.get(self.feed.public_key)
            self.check.equal(f"{name}: the public file is the answer's build", public["Metadata"]["build"],
                             body["report"]["build"])
            self.check.equal(f"{name}: its rows are what can be sold, in the catalogue's order",
                             FeedFile(public["Bytes"]).ids(), self.catalogue.ids())
        return answer

    def thread(self, answers):
        """Gives the parent."""
        check, parents = self.check, self.slack.parents()
        check.equal("Slack holds one parent", len(parents), 1)
        parent, replies = parents[0], self.slack.replies(parents[0]["ts"])
        check.equal("below it are the guide and six reports", len(replies), 7)
        said = [everything_said(reply) for reply in replies]
        check.that("the guide says how to run a step again", "export-products" in said[0], said[0])
        for (_, at), text in zip(self.local[1:], said[1:]):
            check.that(f"the report of {at:%H:%M} names its time and who is to look",
                       f"{at:%H:%M}" in text and f"<@{MENTION}>" in text, text)
        link = self.slack.call("chat.getPermalink", message_ts=parent["ts"])["permalink"]
        told = [a.json["thread"] for a in answers]
        check.that("every answer names the day's thread and links to it",
                   all(t["ts"] == parent["ts"] and (t["permalink"] == link or parent["ts"] in t["permalink"])
                       for t in told), (told, link))
        return parent

    def public_file(self, builds):
        check, feed = self.check, self.feed
        public = feed.get(feed.public_key)
        found, file = public["Metadata"], FeedFile(public["Bytes"])
        check.equal("the feed is strict TSV", file.faults, [])
        check.equal("its metadata gives build, SHA-256 and rows", (found["build"], found["sha256"], found["rows"]),
                    (builds[-1], sha256(public["Bytes"]), str(len(file.rows))))
        check.equal("it is byte-identical to its build", public["Bytes"], feed.build(builds[-1])["Bytes"])
        check.equal("its type and caching are what readers need", (public["ContentType"], public["CacheControl"]),
                    ("text/tab-separated-values; charset=utf-8", "public, max-age=0, must-revalidate"))
        files = [f"ep/builds/{build}{end}" for build in builds for end in (".tsv", ".excluded.tsv")]
        check.equal("S3 holds it, the builds, what they left out, and nothing else", feed.keys(),
                    sorted([feed.public_key, *files]))
        check.equal("no upload was left unfinished", feed.unfinished_uploads(), [])
        excluded = FeedFile(feed.build(builds[-1], ".excluded.tsv")["Bytes"])
        check.equal("what was left out is named", ([r.get("id") for r in excluded.rows], excluded.faults),
                    (self.catalogue.ids(sellable=False), []))
        check.equal("CloudFront was told of each export", len(set(feed.invalidations())), 2)

    def records(self, parent, build):
        check, names = self.check, self.state.names()
        check.equal("thread.ts is the parent's", self.state.text("thread.ts"), parent["ts"])
        published = self.state.json("published.json")
        check.equal("published.json names the public build", published["published"]["info"]["build"], build)
        day = self.state.text(f"days/{self.local[-1][1]:%Y-%m-%d}.json")
        check.that("the day's record names the thread", parent["ts"] in day, day)
        check.equal("every run left its record", {s: sum(n.startswith(f"runs/{s}/") for n in names) for s in DAY},
                    {step: DAY.count(step) for step in DAY})

    def logs(self):
        text = self.app.process.log.read_text("utf-8", "replace")
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        self.check.that("every log line is JSON with severity, message and time",
                        all({"severity", "message", "time"} <= line.keys() for line in lines), lines)
        self.check.equal("a day that went well logs no error", [e for e in lines if e["severity"] == "ERROR"], [])
        self.check.that("no secret stands in the log", SLACK_APP_TOKEN not in text and SECRET_KEY not in text)
