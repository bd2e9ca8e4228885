"""Two instances of the service, and everybody calls at once: many deliveries of one tick are one run."""

from concurrent.futures import ThreadPoolExecutor
import json

from cdn import Cdn
from clients import Feed, State
from day import OTHER_CHANNEL

TITLE = "a hundred and two hundred simultaneous calls on two instances"
OPENINGS, EXPORTS = 100, 200


def run(stage):
    check, slack = stage.checks, stage.other_slack
    state = State(stage.services, prefix="together/")
    feed = Feed(stage.services, prefix="together")
    feed.distribution = stage.feed.distribution
    cdn = Cdn(feed)
    apps = [stage.start(f"auto-ep-{name}", state, channel=OTHER_CHANNEL, FEED_URL=cdn.feed_url,
                        FEED_STORE_URL=f"s3://{feed.bucket}/{feed.prefix}") for name in ("one", "two")]

    def everybody(step, at, count):
        with ThreadPoolExecutor(count) as callers:
            answers = list(callers.map(lambda n: apps[n % 2].tick(step, at), range(count)))
        check.that(f"{count} simultaneous deliveries of one {step} are all answered 200",
                   all(a.status == 200 for a in answers), [a for a in answers if a.status != 200][:3])
        texts = {a.text for a in answers}
        check.that("and all the same", len(texts) == 1, list(texts)[:3])
        runs = [n for n in state.names() if n.startswith(f"{state.prefix}runs/{step}/")]
        records = [json.loads(state.text(n.removeprefix(state.prefix))) for n in runs]
        check.equal("they are one run, done once", [(r["info"]["attempt"], bool(r["finished"])) for r in records],
                    [(1, True)])
        return answers

    try:
        (_, midnight), (_, at) = stage.timetable.slots[:2]
        answers = everybody("create-thread", midnight, OPENINGS)
        parents = slack.parents()
        if check.equal("together they make one parent", len(parents), 1):
            check.equal("together they post one guide", len(slack.replies(parents[0]["ts"])), 1)
            check.equal("thread.ts is its ts", state.text("thread.ts"), parents[0]["ts"])
            told = {a.json["thread"]["ts"] for a in answers}
            check.equal("all are told that thread", told, {parents[0]["ts"]})
            everybody("export-products", at, EXPORTS)
            check.equal("together they post one report", len(slack.replies(parents[0]["ts"])), 2)
            builds = [key for key in feed.keys() if key.startswith(f"{feed.prefix}/builds/")]
            check.equal("together they make one build", len(builds), 2)
            public = feed.public()
            check.that("and publish it", public and f"{feed.prefix}/builds/{public['Metadata']['build']}.tsv" in builds,
                       (public and public["Metadata"], builds))
            check.equal("and tell the CDN once", [i["paths"] for i in feed.invalidations()].count(
                ["/" + feed.public_key]), 1)
    finally:
        for app in apps:
            app.process.stop()
        cdn.close()
