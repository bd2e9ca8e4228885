"""Calls that are wrong, calls that come twice, and calls that shall change nothing."""

import json

from day import STEPS

TITLE = "requests: wrong ones, repeated ones, dry ones"


def run(stage):
    refused(stage)
    repeated(stage)
    dry(stage)


def everything(stage):
    """What a call could have changed."""
    return {"Slack": [m["ts"] for m in stage.slack.parents()] + [m["ts"] for m in stage.replies()],
            "S3": stage.feed.keys(), "public": stage.feed.fingerprint(), "GCS": stage.state.names()}


def unchanged(stage, promise, before):
    after = everything(stage)
    stage.checks.that(promise, after == before,
                      {k: f"{before[k]} became {after[k]}" for k in before if before[k] != after[k]})


def refused(stage):
    check, call, before = stage.checks, stage.app.call, everything(stage)
    check.equal("GET /health is 200", call("GET", "/health").status, 200)
    check.equal("an unknown path is 404", call("POST", "/export").status, 404)
    for step in STEPS:
        answer = call("GET", f"/{step}")
        check.that(f"GET /{step} is 405 and says POST", answer.status == 405
                   and "POST" in answer.headers.get("Allow", ""), f"{answer} Allow: {answer.headers.get('Allow')}")
        at = stage.timetable.next()
        answer = stage.app.tick(step, at, "?colour=blue")
        check.that(f"an unknown option of /{step} is 400 naming it and listing the known ones",
                   problem(answer, 400) and "colour" in answer.text and "dry_run" in answer.text, answer)
    octets = {"Content-Type": "application/octet-stream"}
    for about, body, named in [
        ("an unknown option in a body of any content type", b'{"colour": "blue"}', "colour"),
        ("a body that is no JSON", b"colour=blue", ""),
        ("a body that is no object", b"[1]", ""),
        ("an option of the wrong type", b'{"dry_run": "perhaps"}', "dry_run"),
    ]:
        answer = call("POST", "/export-products", octets, body)
        check.that(f"{about} is 400", problem(answer, 400) and named in answer.text, answer)
    answer = call("POST", "/export-products?dry_run=perhaps")
    check.that("a malformed option is 400 naming it", problem(answer, 400) and "dry_run" in answer.text, answer)
    answer = call("POST", "/export-products", octets, json.dumps({"dry_run": "x" * (256 << 10)}).encode())
    check.that("a body over the limit is 413", problem(answer, 413), answer)
    unchanged(stage, "refused calls change nothing anywhere", before)


def problem(answer, status):
    return (answer.status == status and answer.type == "application/problem+json"
            and isinstance(answer.json, dict) and answer.json.get("retryable") is False)


def repeated(stage):
    check, app = stage.checks, stage.app
    before = everything(stage)
    for step, at in stage.timetable.slots[:3]:
        answer = app.tick(step, at)
        check.that(f"a retry of a finished {step} gives the answer again", answer.status == 200
                   and answer.headers.get("Idempotency-Replayed") == "true", f"{answer} {dict(answer.headers)}")
    unchanged(stage, "retries of finished runs change nothing anywhere", before)

    parents = [m["ts"] for m in stage.slack.parents()]
    for about, call in [
        ("scheduled", lambda: app.tick("create-thread", stage.timetable.next())),
        ("manual", lambda: app.call("POST", "/create-thread")),
    ]:
        answer = call()
        check.equal(f"a second create-thread ({about}) is 200", answer.status, 200)
        check.equal(f"a second create-thread ({about}) makes no second parent",
                    [m["ts"] for m in stage.slack.parents()], parents)


def dry(stage):
    check, before = stage.checks, everything(stage)
    for step in STEPS:
        answer = stage.app.call("POST", f"/{step}?dry_run=true")
        check.that(f"a dry run of {step} is 200", answer.status == 200 and isinstance(answer.json, dict)
                   and answer.json.get("route") == step, answer)
    answer = stage.app.call("POST", "/export-products", body=b'{"dry_run": true}')
    funnel = ((answer.json or {}).get("report") or {}).get("funnel") or {}
    check.equal("a dry export tells what would be kept", funnel.get("kept"), len(stage.catalogue.expected().kept))
    unchanged(stage, "dry runs change nothing anywhere", before)
