"""The public URL serves something else than what was published."""

from clients import everything_said

TITLE = "a feed URL that serves another file"


def run(stage):
    check = stage.checks
    public = stage.feed.public()
    if not check.that("there is a public file to replace", public, stage.feed.keys()):
        return
    lines = public["Bytes"].split(b"\n")
    tsv = {"Content-Type": "text/tab-separated-values; charset=utf-8"}
    foreign = b"\n".join([lines[0], lines[1], lines[1], lines[2] + b"\tone more", b""])
    for about, instead, failing in [
        ("an error page with status 200", (200, {"Content-Type": "text/html"}, b"<html>Sorry</html>"), {"identical"}),
        ("a 403", (403, {"Content-Type": "application/xml"}, b"<Error/>"), {"reachable"}),
        ("a foreign feed with an id twice and a field too many", (200, tsv, foreign),
         {"identical", "unique_ids", "shape"}),
    ]:
        replies = [m["ts"] for m in stage.replies()]
        stage.cdn.instead = instead
        try:
            answer = stage.app.tick("verify-ep", stage.timetable.next())
        finally:
            stage.cdn.instead = None
        body = answer.json if isinstance(answer.json, dict) else {}
        check.that(f"{about} is a verdict: 200 with status fail", answer.status == 200
                   and body.get("status") == "fail", answer)
        checks = {c["id"]: c["status"] for c in (body.get("report") or {}).get("checks", [])}
        check.that(f"{about} fails the right checks, and all of them ran",
                   failing <= {i for i, s in checks.items() if s == "fail"} and len(checks) >= 10, checks)
        new = [m for m in stage.replies() if m["ts"] not in replies]
        check.that(f"{about} is told in Slack, once", len(new) == 1
                   and any(sign in everything_said(new[0]) for sign in ("❌", "실패", "🔴")), new)
    check.equal("the published file is as it was", stage.feed.public()["Bytes"], public["Bytes"])
    answer = stage.app.tick("verify-ep", stage.timetable.next())
    check.that("with the right file it is well again", answer.status == 200 and answer.json["status"] == "ok", answer)
