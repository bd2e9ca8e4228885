"""Two instances of the service, and everybody calls at once."""

from concurrent.futures import ThreadPoolExecutor

from clients import State
from day import OTHER_CHANNEL

TITLE = "twenty simultaneous calls on two instances"


def run(stage):
    check, slack = stage.checks, stage.other_slack
    state = State(stage.services, prefix="together/")
    apps = [stage.start(f"auto-ep-{name}", state, channel=OTHER_CHANNEL) for name in ("one", "two")]
    at = stage.timetable.slots[0][1]
    try:
        with ThreadPoolExecutor(20) as callers:
            answers = list(callers.map(lambda n: apps[n % 2].tick("create-thread", at), range(20)))
        check.that("each is answered 200, or 409 with Retry-After", all(
            a.status == 200 or (a.status == 409 and a.headers.get("Retry-After")) for a in answers), answers)
        check.that("somebody is answered 200", any(a.status == 200 for a in answers), answers)
        parents = slack.parents()
        if check.equal("together they make one parent", len(parents), 1):
            check.equal("together they post one guide", len(slack.replies(parents[0]["ts"])), 1)
            check.equal("thread.ts is its ts", state.text("thread.ts"), parents[0]["ts"])
            told = {a.json["thread"]["ts"] for a in answers if a.status == 200}
            check.equal("all are told the same thread", told, {parents[0]["ts"]})
    finally:
        for app in apps:
            app.process.stop()
