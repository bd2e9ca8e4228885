"""Who looks on all the time, and what must be in Slack, S3 and GCS exactly once at the end."""

from collections import Counter
from datetime import datetime
import json
import re
import threading
from urllib.error import HTTPError
from urllib.request import urlopen

from clients import SECRET_KEY, sha256
from services import SLACK_APP_TOKEN


class Reader(threading.Thread):
    """Reads the public file as a stranger does, without the SDK, until it is stopped.

    S3 replaces an object in one step, moto in several: for a moment the old one is closed (500) or the new one not yet
    public (403) or without its metadata. What is still so at the next look is no moment.
    """

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.stopped, self.looks = url, threading.Event(), 0
        # What it must not see, the SHA-256 of each build that it saw, and the moment that the next look has to end.
        self.faults, self.builds, self.moment = [], {}, None

    def run(self):
        while not self.stopped.wait(0.01):
            self.looks += 1
            before, self.moment = self.moment, None
            try:
                with urlopen(self.url, timeout=30) as answer:
                    self.look(answer.headers, answer.read())
            except HTTPError as error:
                if error.code in (403, 500):
                    self.moment = str(error)
                elif error.code != 404 or self.builds:
                    self.fault(error)
            except Exception as error:  # noqa: BLE001: whatever a reader stumbles over is what is to be told
                self.fault(repr(error))
            if before and self.moment:
                self.fault(f"{before}, and once more: {self.moment}")

    def look(self, headers, body):
        told, build, found = headers["x-amz-meta-sha256"], headers["x-amz-meta-build"], sha256(body)
        if told is None and build is None:
            self.moment = "no metadata"
        elif told != found or self.builds.setdefault(build, found) != found:
            self.fault(f"build {build} says {told}, its {len(body)} bytes are {found}")

    def fault(self, what):
        self.faults.append(f"look {self.looks}: {what}")

    def stop(self):
        self.stopped.set()
        self.join()


class Messages:
    """The duel's own messages in the channel, by the marker that they carry."""

    def __init__(self, duel):
        self.service, self.keys, self.astray, self.ts, self.text, self.parents = duel.service, [], [], set(), {}, {}
        for parent in duel.slack.parents():
            key = self.note(parent)
            # History holds no replies here; a reply of ours in the channel would be one that went astray.
            if key and not key.startswith("parent:"):
                self.astray.append(key)
            elif key:
                self.parents[key.removeprefix("parent:")] = parent["ts"]
                for reply in duel.slack.replies(parent["ts"]):
                    self.note(reply)

    def note(self, message):
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if payload.get("service") != self.service:
            return None
        self.keys.append(payload["key"])
        self.ts.add(message["ts"])
        self.text[payload["key"]] = json.dumps(message["blocks"], ensure_ascii=False)
        return payload["key"]


def reckon(duel):
    check, ticks, counts = duel.check, duel.ticks, duel.counts
    records = {tick: duel.state.json(tick.record) for tick in ticks}
    exports = [tick for tick in ticks if tick.step == "export-products"]
    check.equal("every tick ends in a 2xx", [(t.step, t.key, t.answers[-1:]) for t in ticks if not t.done], [])
    check.equal("every delivery of a tick that is answered 2xx is told the same",
                [(t.step, t.key) for t in ticks if len({a.text for a in t.done}) > 1], [])
    check.equal("every run is finished, and nobody claims it",
                [(t.step, t.key) for t, r in records.items() if not r or r["claim"] or not r["finished"]], [])
    check.equal("every export is published, superseded by a newer one, or held where it should be",
                [(t.key, t.report) for t in exports if t.report["publication"]["state"] not in t.states], [])
    reckon_messages(duel, records)
    reckon_publications(duel, exports, records)
    check.equal(f"the public file was whole at each of {duel.reader.looks} looks", duel.reader.faults, [])
    check.equal("every build that a reader got lies there whole", {
        build: found for build, found in duel.reader.builds.items() if sha256(duel.feed.build(build)["Bytes"]) != found
    }, {})
    check.equal("no upload was left unfinished", duel.feed.unfinished_uploads(), [])
    answers = Counter(a.status if not isinstance(a, str) else "none" for t in ticks for a in t.answers)
    takeovers = sum(record["info"]["attempt"] - 1 for record in records.values())
    print(f"   {len(ticks)} ticks in {duel.seconds} s; kills: {dict(counts)}, {sum(t.killed > 1 for t in ticks)} ticks more "
          f"than once; {takeovers} takeovers; answers: {dict(answers)}; {len(duel.reader.builds)} builds seen", flush=True)


def reckon_messages(duel, records):
    check, messages = duel.check, Messages(duel)
    days = {tick.day.isoformat() for tick in duel.ticks}
    expected = {f"{what}:{day}" for day in days for what in ("parent", "guide")}
    expected |= {tick.marker for tick in duel.ticks if tick.marker}
    found = Counter(messages.keys)
    check.equal("no message is lost, and none is there that nobody expects", set(found) ^ expected, set())
    check.equal("no message is there twice", [key for key, n in found.items() if n > 1], [])
    check.equal("every message but the parents is in its day's thread", messages.astray, [])
    sharp = duel.counts["right after message"]
    there = duel.instances.log().count('"the message was there already"')
    check.that(f"{sharp} messages whose sender died before it heard of them were found to be there already",
               there >= sharp, there)
    named = {duel.state.text("thread.ts")}
    for text in [duel.state.text(f"days/{day}.json") for day in days] + [json.dumps(r) for r in records.values()]:
        named |= set(re.findall(r'"(?:thread_)?ts": ?"([^"]*)"', text))
    check.equal("state names only messages that are in Slack", named - messages.ts, set())
    check.equal("thread.ts is today's parent", duel.state.text("thread.ts"), messages.parents.get(max(days)))
    slots = [(t.key, f"{t.at.astimezone(duel.zone):%H:%M}", messages.text.get(f"parent:{t.day}", ""))
             for t in duel.ticks if t.at and t.step != "create-thread"]
    check.equal("every tick's slot stands on its day's parent",
                [key for key, at, text in slots if not re.search(rf"{at} \S+ [^–\s]", text)], [])


def reckon_publications(duel, exports, records):
    check, public = duel.check, duel.feed.get(duel.feed.public_key)
    record = duel.state.json("published.json")
    check.equal("no publication is left half-way", record.get("publishing"), None)
    now, found = record["published"]["info"], public["Metadata"]
    check.equal("published.json names the public build, and its metadata give build, SHA-256 and rows",
                (found["build"], found["sha256"], found["rows"]),
                (now["build"], sha256(public["Bytes"]), str(public["Bytes"].count(b"\n") - 1)))
    newest = max((t for t in exports if "published" in t.states),
                 key=lambda tick: datetime.fromisoformat(records[tick]["info"]["at"]))
    check.equal("the newest run's build is public", (now["build"], record["published"]["run"]),
                (newest.report["build"], newest.key))
    # Every try of one publication has the same reference; a run that was superseded may have published before.
    states = Counter(tick.report["publication"]["state"] for tick in exports)
    more = len(set(duel.feed.invalidations())) - states["published"]
    check.that("the CDN is told once of each publication", 0 <= more <= states["superseded"], (more, states))


def reckon_day(day):
    """What a day shows that nothing disturbs."""
    check, feed, answers = day.check, day.feed, [tick.done[0] for tick in day.ticks]
    verified = [{c["id"]: c["status"] for c in a.json["report"]["checks"]}
                for tick, a in zip(day.ticks, answers) if tick.step == "verify-ep"]
    check.that("every check of every verification passes",
               all(len(checks) > 10 and set(checks.values()) == {"pass"} for checks in verified), verified)
    parent, = day.slack.parents()
    check.equal("below the one parent are the guide and six reports", len(day.slack.replies(parent["ts"])), 7)
    link = day.slack.call("chat.getPermalink", message_ts=parent["ts"])["permalink"]
    told = [answer.json["thread"] for answer in answers]
    check.that("every answer names the day's thread and links to it",
               all(t["ts"] == parent["ts"] and t["permalink"] in (link, None) for t in told), (told, link))
    public = feed.get(feed.public_key)
    check.equal("the file's type and caching are what readers need", (public["ContentType"], public["CacheControl"]),
                ("text/tab-separated-values; charset=utf-8", "public, max-age=0, must-revalidate"))
    builds = [tick.report["build"] for tick in day.ticks if tick.step == "export-products"]
    files = [f"{feed.prefix}/builds/{build}{end}" for build in builds for end in (".tsv", ".excluded.tsv")]
    check.equal("S3 holds it, the builds, what they left out, and nothing else", feed.keys(),
                sorted([feed.public_key, *files]))
    log = day.instances.log()
    check.equal("a day that went well logs no error", [line for line in log.splitlines() if '"ERROR"' in line], [])
    check.that("no secret stands in the log", SLACK_APP_TOKEN not in log and SECRET_KEY not in log)
    check.equal("SIGTERM ends it well", day.ends, [0])


def reckon_rollbacks(duel):
    check = duel.check
    check.equal("every call is answered with the build that it asks for", [
        (tick.key, tick.query, tick.report) for tick in duel.by_hand
        if f"build={tick.report['build']}" not in re.split("[?&]", tick.query)], [])
    check.equal("the public file was the called build's stored bytes right after each call", duel.wrong, [])
    unasked = duel.reader.builds.keys() - duel.called - {tick.report["build"] for tick in duel.published}
    check.equal("no reader got a build that nobody asked for", unasked, set())
