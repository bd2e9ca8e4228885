"""Buckets that are not there: the service starts, and says what is wrong when it is called."""

from clients import State, everything_said
from day import OTHER_CHANNEL

TITLE = "buckets that are not there"


def run(stage):
    check = stage.checks
    app = stage.start("auto-ep-no-state", State(stage.services, bucket="no-such-state"), channel=OTHER_CHANNEL)
    try:
        posted = len(stage.other_slack.parents())
        answer = app.tick("create-thread", stage.timetable.slots[0][1])
        check.that("no state bucket is 502 naming it", answer.status == 502
                   and answer.type == "application/problem+json" and "no-such-state" in answer.text, answer)
        check.equal("without state nothing is posted", len(stage.other_slack.parents()), posted)
    finally:
        app.process.stop()

    state = State(stage.services, prefix="missing/")
    app = stage.start("auto-ep-no-feed", state, channel=OTHER_CHANNEL, FEED_STORE_URL="s3://no-such-feed/ep")
    try:
        answer = app.tick("export-products", stage.timetable.slots[1][1])
        check.that("no feed bucket is 502 naming it", answer.status == 502
                   and answer.type == "application/problem+json" and "no-such-feed" in answer.text, answer)
        ts = state.text("thread.ts")
        said = [everything_said(m) for m in stage.other_slack.replies(ts)] if ts else []
        check.that("no feed bucket is told in the day's thread",
                   any("no-such-feed" in s and "❌" in s for s in said), said)
    finally:
        app.process.stop()
