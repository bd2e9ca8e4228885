"""The catalogue answers an error page with status 200, then recovers."""

from catalogue import LISTING
from clients import everything_said

TITLE = "a catalogue that answers HTML"


def run(stage):
    check, app = stage.checks, stage.app
    before, record = stage.feed.fingerprint(), stage.state.text("published.json")
    replies = [m["ts"] for m in stage.replies()]
    at = stage.timetable.next()

    stage.catalogue.mode = "html"
    try:
        answer = app.tick("export-products", at)
    finally:
        stage.catalogue.mode = "listing"
    verdict = (answer.json or {}).get("status")
    check.that("it is no success: not 2xx, or the verdict fail", answer.status >= 400 or verdict == "fail", answer)
    check.equal("the published file is as it was", stage.feed.fingerprint(), before)
    check.equal("the record of what is published is as it was", stage.state.text("published.json"), record)
    check.equal("there is still one parent", len(stage.slack.parents()), 1)
    new = [m for m in stage.replies() if m["ts"] not in replies]
    if not check.equal("Slack is told, once", len(new), 1):
        return
    said = everything_said(new[0])
    check.that("Slack is told that it failed", "❌" in said or "실패" in said, said)
    check.that("Slack is told the URL and the first bytes", LISTING in said and "DOCTYPE" in said, said)
    check.that("foreign text is escaped", "<!DOCTYPE" not in said and "<html" not in said, said)

    if answer.status < 500:
        return
    answer = app.tick("export-products", at)
    check.that("Scheduler's retry finishes the run", answer.status == 200 and answer.json["status"] == "ok", answer)
    again = [m for m in stage.replies() if m["ts"] not in replies]
    check.equal("the retry posts nothing more", [m["ts"] for m in again], [new[0]["ts"]])
    said = everything_said(again[0])
    check.that("the message that told of the failure now tells of the success", "❌" not in said and "완료" in said, said)
    check.that("the new build is public", stage.feed.fingerprint() != before, before)
