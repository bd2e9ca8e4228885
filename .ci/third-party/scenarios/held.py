"""The catalogue loses a third: the gate holds the build, and people publish it by force, then roll back.

It comes after every scenario that exports by the timetable: calls by hand are newer than the day's slots.
"""

import html
import json
import re
from urllib.error import HTTPError
from urllib.request import urlopen

from clients import everything_said
from feedfile import FeedFile
from scenarios.requests import everything, problem, unchanged

TITLE = "a build that is held, published by force and rolled back"
LOST = 0.35
REASON = "강남점 <철수> & 재고 정리"
NOWHERE = "20200101-000000-zzzz"


def run(stage):
    earlier = history(stage)
    first = public(stage)["build"]
    held = hold(stage)
    if not held:
        return
    refused(stage, held)
    force(stage, held)
    roll_back(stage, first, "one before")
    # A build of the morning, and then the public one itself, which somebody has overwritten.
    roll_back(stage, next(build for build in reversed(earlier) if build != first), "an older one")
    put_out_again(stage)
    answered_once(stage, first)


def history(stage):
    """Builds that the record knows, newest first."""
    return [e["build"] for e in json.loads(stage.state.text("published.json"))["history"]]


def public(stage):
    """What a reader gets through the CDN, and the build that its headers name."""
    try:
        with urlopen(stage.cdn.feed_url, timeout=30) as answer:
            return {"build": answer.headers["x-amz-meta-build"], "bytes": answer.read()}
    except HTTPError as error:
        return {"build": None, "bytes": error.read()}


def references(stage):
    return [i["reference"] for i in stage.feed.invalidations()]


def hold(stage):
    """An export of a catalogue that lost a third; gives the held build and what Slack says of it."""
    check, before, cleared = stage.checks, stage.feed.fingerprint(), references(stage)
    record = json.loads(stage.state.text("published.json"))
    replies = [m["ts"] for m in stage.replies()]
    with stage.catalogue.without(LOST):
        expected = stage.catalogue.expected()
        answer = stage.app.tick("export-products", stage.timetable.next())
    body = answer.json or {}
    report = body.get("report") or {}
    publication = report.get("publication") or {}
    check.that("an export of a catalogue that lost a third is 200 and held", answer.status == 200
               and body.get("status") == "held" and publication.get("state") == "held", answer)
    check.equal("the shrinking is the one reason", [r["reason"] for r in publication.get("reasons", [])], ["shrink"])
    check.equal("the public file is as it was", stage.feed.fingerprint(), before)
    check.equal("nothing is dropped from the CDN", references(stage), cleared)
    now = json.loads(stage.state.text("published.json"))
    check.equal("the record names the same public build, and the held one in its history",
                (now["published"], now["publishing"], now["history"][0]["build"], now["history"][0]["verdict"]),
                (record["published"], None, report.get("build"), "held"))
    stored = stage.feed.build(report.get("build"))
    check.equal("the held build lies there with the catalogue's whole products",
                stored and FeedFile(stored["Bytes"]).ids(), expected.kept)
    told = [m for m in stage.replies() if m["ts"] not in replies]
    if not check.equal("Slack is told, once", len(told), 1):
        return None
    said = everything_said(told[0])
    rows = f"{record['published']['info']['rows']:,}개 → {len(expected.kept):,}개"
    check.that("Slack says that it is held, and why", "⛔" in said and "줄었습니다" in said and rows in said, said)
    check.equal("the command to force it stands in Slack", [path for path, _ in commands(told[0])],
                [f"export-products?build={report['build']}&force=true"])
    answer = stage.app.tick("verify-ep", stage.timetable.next())
    check.that("a verification finds the public file well", answer.status == 200
               and answer.json["status"] in ("ok", "warn"), answer)
    return {"build": report["build"], "bytes": stored["Bytes"], "message": told[0]}


def commands(message):
    """(path, body) of every command with force=true that a person could paste."""
    lines = html.unescape(message["text"]).splitlines()
    return [(re.search(r'\$URL/([^"]+)"', line)[1], re.search(r"-d '([^']*)'", line)[1])
            for line in lines if "curl" in line and "force=true" in line]


def refused(stage, held):
    """Calls that shall change nothing, and what they are told."""
    check, call, before = stage.checks, stage.app.call, everything(stage)
    build = held["build"]
    answer = call("POST", f"/export-products?build={build}")
    check.that("a held build without force is 409 saying why and how", problem(answer, 409)
               and "shrink" in answer.text and "force=true" in answer.text, answer)
    path, body = commands(held["message"])[0]
    answer = call("POST", f"/{path}", body=body.encode())
    check.that("the pasted command without a reason is 400", problem(answer, 400) and "reason" in answer.text, answer)
    answer = call("POST", f"/export-products?build={NOWHERE}")
    known = history(stage)[:3]
    check.that("an unknown build is 404 naming those at hand", problem(answer, 404) and NOWHERE in answer.text
               and all(name in answer.text for name in known), answer)
    for route, named in [
        ("export-products?force=true&reason=x", "build"),
        (f"export-products?build={build}&reason=x", "force"),
        (f"export-products?build={build}&force=true", "reason"),
        (f"export-products?build={build}&force=perhaps&reason=x", "force"),
        (f"export-products?build={build}&force=true&reason=%E2%80%A6", "reason"),
        (f"export-products?build={build}&force=true&reason={'x' * 201}", "200"),
        (f"export-products?build={build}&build={build}", "twice"),
        ("export-products?build=", "build"),
        ("export-products?build=..%2F..%2Fikea_ep", "build"),
        (f"verify-ep?build={build}", "export-products"),
        ("create-thread?force=true", "export-products"),
    ]:
        answer = call("POST", f"/{route}")
        check.that(f"{route.replace(build, 'HELD')[:60]} is 400 naming {named}", problem(answer, 400)
                   and named in answer.json["detail"], answer)
    answer = call("POST", f"/{path}&dry_run=true", body=body.replace("…", REASON).encode())
    check.that("a dry run of forcing it is 200", answer.status == 200
               and answer.json["report"]["publication"]["state"] == "dry_run", answer)
    unchanged(stage, "none of that changes anything anywhere", before)


def force(stage, held):
    """With the very command of the message, a reason in its place."""
    path, body = commands(held["message"])[0]
    said = published(stage, "forcing it", held["build"], held["bytes"],
                     lambda: stage.app.call("POST", f"/{path}", body=body.replace("…", REASON).encode()))
    escaped = html.escape(REASON, quote=False)
    stage.checks.that("Slack gives the reason, escaped, and what had held it",
                      escaped in said and "줄었습니다" in said, said)
    entry = json.loads(stage.state.text("published.json"))["history"][0]
    stage.checks.equal("the record notes that it was forced, and why",
                       (entry["build"], entry["verdict"], entry.get("reason")), (held["build"], "forced", REASON))


def roll_back(stage, build, which):
    stored = stage.feed.build(build)["Bytes"]
    before = public(stage)["build"]
    said = published(stage, f"rolling back to {which}", build, stored,
                     lambda: stage.app.call("POST", f"/export-products?build={build}"))
    stage.checks.that(f"rolling back to {which}: Slack names both builds", before in said and build in said, said)


def put_out_again(stage):
    """Somebody overwrote the public file: the build that should be there is published once more."""
    build = public(stage)["build"]
    stage.feed.s3.put_object(Bucket=stage.feed.bucket, Key=stage.feed.public_key, Body=b"somebody's")
    published(stage, "putting the public build out again", build, stage.feed.build(build)["Bytes"],
              lambda: stage.app.call("POST", f"/export-products?build={build}"))


def answered_once(stage, build):
    def call(wanted):
        return stage.app.call("POST", f"/export-products?build={wanted}", {"Idempotency-Key": "held-back"})

    check, stored = stage.checks, stage.feed.build(build)["Bytes"]
    published(stage, "a call with a key", build, stored, lambda: call(build))
    before = everything(stage)
    answer = call(build)
    check.that("the same key again gives the answer again", answer.status == 200
               and answer.headers.get("Idempotency-Replayed") == "true", answer)
    other = next(name for name in history(stage) if name != build)
    answer = call(other)
    check.that("the same key for another build is 422", problem(answer, 422), answer)
    unchanged(stage, "neither changes anything anywhere", before)


def published(stage, what, build, stored, call):
    """Calls, and looks whether exactly this build is what everybody gets; gives what Slack was told."""
    check, feed = stage.checks, stage.feed
    replies, cleared = [m["ts"] for m in stage.replies()], references(stage)
    answer = call()
    body = answer.json if isinstance(answer.json, dict) else {}
    report = body.get("report") or {}
    check.that(f"{what} is 200 and published", answer.status == 200 and body.get("status") == "ok"
               and report.get("build") == build and report["publication"]["state"] == "published", answer)
    found, behind = public(stage), feed.public()
    check.that(f"{what}: readers get the stored bytes",
               found["bytes"] == stored == behind["Bytes"] == feed.build(build)["Bytes"],
               f"{len(found['bytes'])}, {len(behind['Bytes'])} and {len(stored)} bytes")
    check.equal(f"{what}: the file names its build", (found["build"], behind["Metadata"].get("build")), (build, build))
    record = json.loads(stage.state.text("published.json"))
    check.equal(f"{what}: the record names it too", (record["published"]["info"]["build"], record["publishing"]),
                (build, None))
    new = list(references(stage))
    for reference in cleared:
        new.remove(reference)
    check.that(f"{what}: the CDN is told once", len(new) == 1 and new[0] not in cleared, new)
    told = [m for m in stage.replies() if m["ts"] not in replies]
    check.equal(f"{what}: Slack is told, once", len(told), 1)
    check.equal(f"{what}: the day has its one parent", len(stage.slack.parents()), 1)
    answer = stage.app.call("POST", "/verify-ep")
    check.that(f"{what}: a verification finds it well", answer.status == 200 and answer.json["status"] == "ok",
               answer)
    return everything_said(told[0]) if told else ""
