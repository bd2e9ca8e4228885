"""After a duel: what must be in Slack, S3 and GCS exactly once, and the figures."""

from collections import Counter
from datetime import datetime
import json
import re

from clients import everything_said, sha256


def reckon(duel):
    check = duel.stage.checks
    ticks = [tick for day in duel.days for tick in day]
    public = duel.feed.get(duel.feed.public_key)
    published = duel.state.json("published.json") or {}
    records = {tick: duel.state.json(tick.record) for tick in ticks}
    messages = Messages(duel)

    check.equal("every tick ends in a 2xx", [(t.step, t.key, t.answers[-1:]) for t in ticks if not t.done], [])
    told = {t: {a.text for a in t.done} for t in ticks}
    check.equal("every delivery of a tick that is answered 2xx is told the same",
                [(t.step, t.key, texts) for t, texts in told.items() if len(texts) > 1], [])
    check.equal("every run is finished, and nobody claims it",
                [(t.step, t.key) for t, r in records.items() if not r or r["claim"] or not r["finished"]], [])
    exports = [tick for tick in ticks if tick.step == "export-products"]
    check.equal("every export is published, superseded by a newer one, or held where it should be", [
        (t.key, a.json["status"], a.json["report"]) for t in exports for a in t.done[:1]
        if a.json["status"] not in ("ok", "held") or a.json["report"]["publication"]["state"] not in t.states
    ], [])

    days = {tick.day.isoformat() for tick in ticks}
    expected = {f"{what}:{day}" for day in days for what in ("parent", "guide")}
    expected |= {tick.marker() for tick in ticks if tick.marker()}
    found = Counter(messages.keys)
    lost = sorted(expected - found.keys())
    doubled = sorted(key for key, n in found.items() if n > 1)
    check.equal("no message is lost", lost, [])
    check.equal("no message is there twice", doubled, [])
    there = found_there(duel)
    sharp = duel.counts["kills right after message"]
    check.that(f"{sharp} messages whose sender died before it heard of them were found to be there already",
               sum(there.values()) >= sharp, there)
    check.equal("no message is there that nobody expects", sorted(found.keys() - expected), [])
    check.equal("every message but the parents is in its day's thread", messages.astray, [])

    check.equal("state names only messages that are in Slack", names(duel, days, records) - messages.ts, set())
    newest = max(days)
    check.equal("thread.ts is today's parent", duel.state.text("thread.ts"), messages.parents.get(newest))
    check.equal("every tick's slot stands on its day's parent", [t.key for t in ticks if not shown(duel, messages, t)], [])

    metadata = public["Metadata"] if public else {}
    now = (published.get("published") or {}).get("info") or {}
    check.equal("published.json names the public build", (now.get("build"), now.get("sha256")),
                (metadata.get("build"), public and sha256(public["Bytes"])))
    check.equal("no publication is left half-way", published.get("publishing"), None)
    newest = max((t for t in exports if "published" in t.states and records[t]), key=lambda t: run_at(records[t]))
    check.equal("the newest run's build is public", (now.get("build"), published.get("published", {}).get("run")),
                (newest.done and newest.done[0].json["report"]["build"], newest.key))
    invalidated(duel, exports)
    check.equal(f"the public file was whole at each of {duel.reader.looks} looks", duel.reader.faults, [])
    check.that("a reader got published builds", len(duel.reader.builds) >= 1, duel.reader.looks)
    # An announcement that another run's replaces at once may have come between two looks: then the build itself tells.
    unseen = {b: sha for b, sha in duel.reader.builds.items() if duel.announcements.builds.get(b) != sha}
    check.equal("every build that a reader got was announced with its SHA-256, or lies there whole with it",
                {b: sha for b, sha in unseen.items() if b in duel.announcements.builds or stored(duel, b) != sha}, {})
    check.equal("no upload was left unfinished", duel.feed.unfinished_uploads(), [])
    check.equal("published.json could be read all the time", duel.announcements.faults, [])

    figures(duel, ticks, records, lost, doubled, len(unseen), there)


def shown(duel, messages, tick):
    if tick.step == "create-thread" or not tick.at:
        return True
    time = tick.at.astimezone(duel.zone).strftime("%H:%M")
    parent = messages.text.get(f"parent:{tick.day.isoformat()}", "")
    return re.search(rf"{time} \S+ [^–\s]", parent) is not None


def run_at(record):
    return datetime.fromisoformat(record["info"]["at"])


def invalidated(duel, exports):
    """Every try of one publication has the same reference; a run that was superseded may have published before."""
    references = set(duel.feed.invalidations())
    states = Counter(a.json["report"]["publication"]["state"] for t in exports for a in t.done[:1])
    more = len(references) - states["published"]
    duel.stage.checks.that("the CDN is told once of each publication", 0 <= more <= states["superseded"],
                           (len(references), states))


def found_there(duel):
    """How often a message was found to be there already, by its key."""
    text = "the message was there already"
    lines = [json.loads(line) for line in duel.instances.log_lines() if text in line and line.endswith("}")]
    return Counter(line["key"] for line in lines if line.get("message") == text)


def stored(duel, build):
    """The SHA-256 of a build's own file."""
    found = duel.feed.build(build)
    return found and sha256(found["Bytes"])


class Messages:
    """The duel's own messages in the channel, by the marker that they carry."""

    def __init__(self, duel):
        service = duel.instances.settings["SERVICE_NAME"]
        self.keys, self.astray, self.ts, self.text, self.parents = [], [], set(), {}, {}

        def mark(message):
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            return payload.get("key") if payload.get("service") == service else None

        for parent in duel.slack.parents():
            key = mark(parent)
            # History holds no replies here; a reply of ours in the channel would be one that went astray.
            if key is None:
                continue
            self.note(parent, key)
            if not key.startswith("parent:"):
                self.astray.append(key)
                continue
            day = key.removeprefix("parent:")
            self.parents[day] = parent["ts"]
            for reply in duel.slack.replies(parent["ts"]):
                self.note(reply, mark(reply))

    def note(self, message, key):
        self.keys.append(key)
        self.ts.add(message["ts"])
        self.text[key] = everything_said(message)


def names(duel, days, records):
    """Every ts that a record in the bucket names."""
    named = {duel.state.text("thread.ts")}

    def walk(node):
        if isinstance(node, dict):
            for name, value in node.items():
                if name in ("ts", "thread_ts"):
                    named.add(value)
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    for day in days:
        walk(duel.state.json(f"days/{day}.json"))
    for record in records.values():
        walk(record)
    return named - {None}


def figures(duel, ticks, records, lost, doubled, unseen, there):
    counts = duel.counts
    answered = [a for t in ticks for a in t.answers if not isinstance(a, str)]
    replays = sum(bool(a.headers.get("Idempotency-Replayed")) for a in answered)
    joins = sum(len([a for a in t.done if not a.headers.get("Idempotency-Replayed")]) - 1 for t in ticks if t.done)
    killed = [t.killed for t in ticks]
    lines = [
        f"{len(ticks)} ticks of {len(duel.days)} rounds in {counts['seconds']} s",
        f"{counts['kills']} kills ({', '.join(f'{step} {n}' for step, n in per_step(counts))}); "
        f"{sum(n > 0 for n in killed)} ticks killed once or more, {sum(n > 1 for n in killed)} twice or more",
        "   " + ", ".join(f"{n} {how}" for how, n in sorted(counts.items()) if "random" in how or "right after" in how),
        f"{sum(there.values())} times a message was found to be there already ({len(there)} messages)",
        f"{counts['retries']} retries, {counts['doubles']} deliveries doubled, {counts['once more']} delivered again "
        "after their end",
        f"{sum(r['info']['attempt'] - 1 for r in records.values() if r)} takeovers, {replays} replays, {max(0, joins)} "
        "joins",
        f"answers: {dict(sorted(Counter(a.status for a in answered).items()))}, "
        f"none: {sum(isinstance(a, str) for t in ticks for a in t.answers)}",
        f"{len(duel.reader.builds)} builds seen in {duel.reader.looks} looks at the public file, "
        f"{len(duel.reader.builds) - unseen} of them seen when they were announced",
        f"{len(lost)} lost, {len(doubled)} doubled",
    ]
    print("\n".join(f"   {line}" for line in lines), flush=True)


def per_step(counts):
    start = "kills of "
    return sorted((name.removeprefix(start), n) for name, n in counts.items() if name.startswith(start))
