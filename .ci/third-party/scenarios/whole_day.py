"""Seven ticks of Cloud Scheduler, then what arrived in Slack, S3, CloudFront and GCS."""

import hashlib
import json

from catalogue import EXCLUDED_WORD
from clients import SECRET_KEY, everything_said
from day import DAY, MENTION, PUBLIC_CHANNEL
from feedfile import FeedFile
from services import SLACK_APP_TOKEN

TITLE = "a whole day: seven ticks"
ANSWER_KEYS = {"route", "run", "status", "summary", "thread", "report", "duration_ms"}
CHECK_IDS = {"reachable", "fresh", "identical", "encoding", "header", "shape", "required_values", "unique_ids",
             "formats", "row_count", "schedule_kept"}
REQUIRED_COLUMNS = {"id", "title", "price_pc", "link", "image_link", "category_name1", "shipping"}


def run(stage):
    answers = play(stage)
    thread(stage, answers)
    answered(stage, answers)
    public_file(stage, answers)
    rows(stage)
    left_out(stage)
    cache(stage)
    records(stage)
    logs(stage)


def play(stage):
    """The ticks in their order. The catalogue changes between the two exports, and one page stumbles once."""
    check, catalogue = stage.checks, stage.catalogue
    catalogue.stumbles.add(("fu002", 30))
    answers, texts, exports = [], [], 0
    for number, (step, at) in enumerate(stage.timetable.slots, start=1):
        tick = f"tick {number} {step}"
        if step == "export-products":
            exports += 1
            if exports == 2:
                catalogue.afternoon()
        reads = len(stage.cdn.web.requests)
        answer = stage.app.tick(step, at)
        check.that(f"{tick}: answers 200", answer.status == 200, answer)
        if step == "verify-ep":
            check.equal(f"{tick}: reads the public file once", stage.cdn.web.requests[reads:],
                        [("GET", "/" + stage.feed.public_key)])
        if step == "export-products":
            promises_of_an_export(stage, tick, answer)
        answers.append(answer)
        parent = stage.parent()
        texts.append(everything_said(parent) if parent else None)
    check.equal("a page that answers 503 once is asked for again", catalogue.stumbled, [("fu002", 30)])
    check.that("the parent is edited after every run", len(set(texts)) == len(texts), texts)
    return answers


def promises_of_an_export(stage, tick, answer):
    """Right after an export: what is public is the build, and the funnel is what was planted."""
    check, expected = stage.checks, stage.catalogue.expected()
    report = (answer.json or {}).get("report") or {}
    funnel = report.get("funnel") or {}
    skipped, broken = funnel.get("skipped") or {}, funnel.get("broken") or {}
    check.equal(f"{tick}: fetched is every product planted", funnel.get("fetched"), expected.fetched)
    check.equal(f"{tick}: kept is every whole product once", funnel.get("kept"), len(expected.kept))
    check.equal(f"{tick}: skipped by reason as planted", skipped, dict(expected.skipped))
    check.equal(f"{tick}: broken as planted", sum(broken.values()), expected.broken)
    check.equal(f"{tick}: duplicates as planted", funnel.get("duplicates"), expected.duplicates)
    check.equal(f"{tick}: the funnel adds up", funnel.get("fetched"), (funnel.get("kept") or 0)
                + sum(skipped.values()) + sum(broken.values()) + (funnel.get("duplicates") or 0))
    public = stage.feed.public()
    if not check.that(f"{tick}: there is a public file", public, stage.feed.keys()):
        return
    build = public["Metadata"].get("build")
    check.equal(f"{tick}: the public file is the answer's build", build, report.get("build"))
    check.equal(f"{tick}: its rows are the catalogue's whole products in their order",
                FeedFile(public["Bytes"]).ids(), expected.kept)


def thread(stage, answers):
    check = stage.checks
    parents = stage.slack.parents()
    if not check.equal("Slack holds one parent", len(parents), 1):
        return
    parent, replies = parents[0], stage.slack.replies(parents[0]["ts"])
    check.equal("Slack holds seven replies", len(replies), 7)
    said = [everything_said(r) for r in replies]
    # For people: the day as it reads in Slack, beside the logs.
    (stage.services.logs / "thread.txt").write_text("\n\n".join(m["text"] for m in [parent, *replies]), "utf-8")
    reports = said[1:]
    check.that("the first reply is the guide, it says how to run a step again", "export-products" in said[0], said[0])
    check.that("every report names who is to look", all(f"<@{MENTION}>" in r for r in reports), reports)
    check.that("every report's plain text names them too",
               all(f"<@{MENTION}>" in r["text"] for r in replies[1:]), [r["text"] for r in replies[1:]])
    check.that("every report says how it went", all("✅" in r or "정상" in r or "완료" in r for r in reports), reports)
    kept = f"{len(stage.catalogue.expected().kept):,}"
    check.that("an export's report gives the number of rows", len(reports) == 6 and kept in reports[4], reports[4:5])
    for number, (slot, report) in enumerate(zip(stage.timetable.slots[1:], reports), start=2):
        label = stage.timetable.label(slot[1])
        check.that(f"the report of tick {number} names its time", label in report, f"no {label} in {report}")
    everything = [parent, *replies]
    check.that("every message has a plain text of at most 4,000 characters",
               all(0 < len(m.get("text", "")) <= 4000 for m in everything), [len(m["text"]) for m in everything])
    check.that("blocks keep Slack's limits", all(within_limits(m.get("blocks") or []) for m in everything),
               [m.get("blocks") for m in everything if not within_limits(m.get("blocks") or [])])
    check.that("links are not unfurled", all(m.get("unfurl_links") is False and m.get("unfurl_media") is False
                                             for m in everything), [m.get("unfurl_links") for m in everything])
    payloads = [json.dumps(m.get("metadata"), ensure_ascii=False) for m in everything]
    check.that("every message carries a marker of its own", "null" not in payloads
               and len(set(payloads)) == len(payloads), payloads)

    board = everything_said(parent)
    slots = stage.timetable.slots[1:]
    labels = [stage.timetable.label(at) for _, at in slots]
    check.that("the parent names the service and the day",
               "IKEA EP" in board and stage.timetable.date in board, board)
    check.that("the parent shows every slot", all(label in board for label in labels), f"{labels} in {board}")
    check.that("the parent shows a state for every slot",
               parent["text"].count("✅") >= len(slots) and "❌" not in board, board)
    check.that("the parent was edited, not posted again", parent.get("edited"), parent)


def within_limits(blocks):
    def fits(block):
        if block["type"] == "section":
            text = (block.get("text") or {}).get("text", "x")
            fields = block.get("fields") or []
            return 0 < len(text) <= 3000 and len(fields) <= 10 and all(len(f["text"]) <= 2000 for f in fields)
        if block["type"] == "header":
            return len(block["text"]["text"]) <= 150 and block["text"]["type"] == "plain_text"
        if block["type"] == "context":
            return len(block["elements"]) <= 10
        return True

    return len(blocks) <= 50 and all(fits(b) for b in blocks)


def answered(stage, answers):
    check, parent = stage.checks, stage.parent()
    bodies = [a.json if isinstance(a.json, dict) else {} for a in answers]
    for number, (step, answer, body) in enumerate(zip(DAY, answers, bodies), start=1):
        tick = f"tick {number} {step}"
        shape = (answer.type == "application/json" and ANSWER_KEYS <= body.keys() and body["route"] == step
                 and isinstance(body["run"], str) and body["run"] and isinstance(body["summary"], str)
                 and body["summary"] and isinstance(body["report"], dict)
                 and isinstance(body["duration_ms"], int) and body["duration_ms"] >= 0)
        check.that(f"{tick}: the answer has its shape", shape, answer)
        check.equal(f"{tick}: the verdict is ok", body.get("status"), "ok") or check.that(
            f"{tick}: its report", False, json.dumps(body.get("report"), ensure_ascii=False))
        told = body.get("thread") or {}
        check.that(f"{tick}: the answer names the day's thread",
                   parent and told.get("channel") == PUBLIC_CHANNEL and told.get("ts") == parent["ts"], told)
        link = told.get("permalink") or ""
        links = parent and (link == stage.slack.permalink(parent["ts"]) or f"thread_ts={parent['ts']}" in link)
        check.that(f"{tick}: the answer links into the thread", links, told)
        if step == "verify-ep":
            checked = {c["id"]: c["status"] for c in (body.get("report") or {}).get("checks", [])}
            check.that(f"{tick}: every check passes", CHECK_IDS <= checked.keys()
                       and set(checked.values()) == {"pass"}, checked)
    runs = [(b.get("route"), b.get("run")) for b in bodies]
    check.that("every tick is a run of its own", len(set(runs)) == len(runs), runs)


def public_file(stage, answers):
    check, feed = stage.checks, stage.feed
    public = feed.public()
    if not check.that("S3 holds the public file", public, feed.keys()):
        return
    build = public["Metadata"].get("build")
    stored, file = feed.build(build), FeedFile(public["Bytes"])
    check.that("the public file is byte-identical to its build", stored and stored["Bytes"] == public["Bytes"],
               f"build {build}: {stored and len(stored['Bytes'])} and {len(public['Bytes'])} bytes")
    check.equal("its metadata gives the SHA-256 of its bytes", public["Metadata"].get("sha256"),
                hashlib.sha256(public["Bytes"]).hexdigest())
    check.equal("its metadata gives its rows", public["Metadata"].get("rows"), str(len(file.rows)))
    check.equal("its content type is TSV in UTF-8", public["ContentType"],
                "text/tab-separated-values; charset=utf-8")
    check.that("readers must ask again each time", "max-age=0" in (public.get("CacheControl") or ""),
               public.get("CacheControl"))
    builds = [(a.json or {}).get("report", {}).get("build") for a, step in zip(answers, DAY)
              if step == "export-products"]
    check.that("each export made a build of its own", len(set(builds)) == 2 and None not in builds, builds)
    check.equal("the second export's build is the public one", build, builds[-1])
    expected = [feed.public_key] + [f"{feed.prefix}/builds/{b}{end}" for b in builds
                                    for end in (".tsv", ".excluded.tsv")]
    check.equal("S3 holds the public file, the builds, what they left out, and nothing else", feed.keys(),
                sorted(expected))
    check.equal("no upload was left unfinished", feed.unfinished_uploads(), [])


def rows(stage):
    check, catalogue = stage.checks, stage.catalogue
    public = stage.feed.public()
    file = FeedFile(public["Bytes"]) if public else FeedFile(b"\n")
    check.equal("the feed is strict TSV with equal field counts", file.faults, [])
    check.that("the required columns are there", REQUIRED_COLUMNS <= set(file.header), file.header)
    check.that("no id stands twice", len(set(file.ids())) == len(file.rows), file.ids())
    empty = [(r.get("id"), c) for r in file.rows for c in REQUIRED_COLUMNS if not r.get(c)]
    check.equal("no required value is empty", empty, [])
    check.that("shipping is the setting's", {r.get("shipping") for r in file.rows} == {"3000"},
               {r.get("shipping") for r in file.rows})
    check.that("titles end within 100 characters, images are large enough",
               all(len(r.get("title", "")) <= 100 and not r.get("image_link", "").endswith(
                   ("_s1.jpg", "_s2.jpg", "_s3.jpg")) for r in file.rows),
               [r for r in file.rows if len(r.get("title", "")) > 100 or "_s1" in r.get("image_link", "")])

    row = {about: file.by_id(planted.product["itemNo"]) for about, planted in catalogue.rows.items()}

    def shows(about, **expected):
        check.equal(f"a row: {about}", {c: row[about].get(c) for c in expected}, expected)

    shows("all parts of the title, a whole price", title="이케아 BILLY 책장 화이트 80x28x202 cm", price_pc="79900",
          price_mobile="79900", normal_price="", condition="신상품", brand="IKEA", category_name1="수납")
    shows("missing parts of the title are left out", title="이케아 LACK 보조테이블")
    shows("control characters, tags and entities are gone", title="이케아 SMÅ GÖRA 수납장 & 벤치 화이트 60x57 cm")
    shows("a list price above the price", price_pc="59900", normal_price="79900")
    shows("a members' price gives way to everybody's", price_pc="99900", price_mobile="99900", normal_price="")
    shows("a small image is raised, the id keeps its zeros",
          id=catalogue.rows["a small image is raised, the id keeps its zeros"].product["itemNo"],
          image_link=f"{catalogue.web.url}/kr/ko/images/products/small__1_s5.jpg")
    about = "without a main image the first of all"
    shows(about, image_link=catalogue.rows[about].product["allProductImage"][0]["url"])
    check.that("a left-out word is in no title", all(EXCLUDED_WORD not in r.get("title", "") for r in file.rows))


def left_out(stage):
    """`.excluded.tsv` of the public build names every skipped and every broken product."""
    check, public = stage.checks, stage.feed.public()
    excluded = public and stage.feed.excluded(public["Metadata"].get("build"))
    if not check.that("what was left out lies beside the build", excluded, stage.feed.keys()):
        return
    file = FeedFile(excluded["Bytes"])
    check.equal("what was left out is strict TSV too", file.faults, [])
    expected = stage.catalogue.expected()
    named = {field for row in file.rows for field in row.values()}
    missing = [name for name in expected.skipped_ids + expected.broken_ids if name and name not in named]
    check.equal("every skipped and broken product is named there", missing, [])
    check.that("each row there gives a reason", all(sum(bool(f) for f in r.values()) >= 2 for r in file.rows),
               file.rows[:3])


def cache(stage):
    check, found = stage.checks, stage.feed.invalidations()
    path = "/" + stage.feed.public_key
    ours = [i for i in found if i["paths"] == [path]]
    check.that("CloudFront was told to drop the feed's path after each export",
               len({i["reference"] for i in ours}) == 2, found)
    check.equal("CloudFront was told to drop nothing else", len(found), len(ours))


def records(stage):
    check, state, parent = stage.checks, stage.state, stage.parent()
    check.equal("thread.ts is the parent's ts", state.text("thread.ts"), parent and parent["ts"])
    published = state.text("published.json")
    public = stage.feed.public()
    build = public and public["Metadata"].get("build")
    check.that("published.json names the public build", published and build and build in published
               and public["Metadata"].get("sha256") in published, published)
    day = state.text(f"days/{stage.timetable.date}.json")
    check.that("the day's record names the thread", day and parent and parent["ts"] in day, day)
    names = state.names()
    counts = {step: sum(n.startswith(f"runs/{step}/") for n in names) for step in set(DAY)}
    check.equal("every run left its record", counts, {step: DAY.count(step) for step in set(DAY)})


def logs(stage):
    check, lines = stage.checks, stage.app.log_lines()

    def entry(line):
        try:
            return json.loads(line)
        except ValueError:
            return None

    entries = [(line, entry(line)) for line in lines]
    complete = {"severity", "message", "time"}
    check.equal("every log line is JSON with severity, message and time",
                [line for line, e in entries if not (isinstance(e, dict) and complete <= e.keys())], [])
    check.equal("a day that went well logs no error",
                [line for line, e in entries if isinstance(e, dict) and e.get("severity") in ("ERROR", "CRITICAL")], [])
    check.equal("no secret stands in the log",
                [line for line in lines if SLACK_APP_TOKEN in line or SECRET_KEY in line], [])
