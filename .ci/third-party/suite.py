#!/usr/bin/env -S python3 -B
"""What we built against servers that nobody here wrote: fake-gcs-server, moto and the Slack emulator.

    .ci/third-party/suite.py [--only PART]… [--ticks N] [--seed S] [BINARY]

The parts: `adapters`, the tests in tests/stores and tests/slack_client that every adapter of a port must pass; `doctor`,
who must find nothing to mend; `payloads`, every kind of message against Slack's own types; `keyless`, a shop that
setup.sh made, whose service has a role and no key; `restore`, a shop whose state is lost; `day`, seven ticks of Cloud
Scheduler; `duel`, rounds of ticks while the instances that work on them are killed at random moments or right after a
service did what they asked for; `rollbacks`, the same with calls by hand that publish a held build by force or roll back
to an earlier one. A longer duel: `--only duel --ticks 210`. The seed decides what is planned, not how the machine's
scheduler plays along.

BINARY is AUTO_EP_BIN or target/debug/auto-ep; `install` must have run. All traffic stays on 127.0.0.1. Prints one line
a promise; ends with 1 when one failed. Logs stay in target/third-party/logs (AUTO_EP_TOOLS/logs).
"""

import argparse
from contextlib import contextmanager
import os
from pathlib import Path
import random
import re
import shutil
import signal
import subprocess
import sys
import traceback
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
TOOLS = Path(os.environ.get("AUTO_EP_TOOLS") or CHECKOUT / "target/third-party").resolve()
PYTHON = TOOLS / "venv/bin/python"
PARTS = ["adapters", "doctor", "payloads", "keyless", "restore", "day", "duel", "rollbacks"]
# Everything together, unless a longer duel is asked for; each part has far smaller limits of its own.
SUITE_TIMEOUT = 1200
DUEL_TICKS, ROLLBACK_CALLS = 28, 8


class Checks:
    """Promises and what was found: one line each, and the count at the end."""

    passed = failed = 0

    def that(self, promise, kept, found=None):
        self.passed, self.failed = self.passed + bool(kept), self.failed + (not kept)
        print(f"ok {promise}" if kept else f"FAIL {promise}: found {str(found)[:3000]}", flush=True)

    def equal(self, promise, found, expected):
        self.that(promise, found == expected, f"{found!r}, expected {expected!r}")

    @contextmanager
    def part(self, name):
        """A part that breaks off is one failure; the next one runs all the same."""
        print(f"\n# {name}", flush=True)
        try:
            yield
        except Exception:  # noqa: BLE001: whatever went wrong, the others shall run
            self.that(f"{name}: runs to its end", False, traceback.format_exc()[-1500:])


def main():
    arguments = read_arguments()
    from clients import Feed, State
    from services import Services
    from shop import Catalogue

    # Who is ended takes along what it started: see services.py.
    signal.alarm(0 if arguments.ticks else SUITE_TIMEOUT)
    logs = TOOLS / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    checks = Checks()
    with Services(TOOLS, logs) as services:
        print(f"seed {arguments.seed}; logs in {logs}", flush=True)
        Feed(services).create()
        State(services).create()
        stage = SimpleNamespace(services=services, checks=checks, binary=arguments.binary, catalogue=Catalogue())
        for part in arguments.only or PARTS:
            with checks.part(part):
                play(part, stage, arguments)
        if checks.failed:
            for process in services.processes:
                print(f"\n--- the last of {process.log}\n{process.log_tail()}", flush=True)
    print(f"\n{checks.passed} passed, {checks.failed} failed; again: {sys.argv[0]} --seed {arguments.seed}", flush=True)
    return 1 if checks.failed else 0


def play(part, stage, arguments):
    from app import DAY
    from duel import Duel, Rollbacks
    from reckoning import reckon_day, reckon_rollbacks
    from services import CHANNELS

    ticks, seed = arguments.ticks, arguments.seed
    if part == "adapters":
        adapters(stage)
    elif part == "doctor":
        doctor(stage)
    elif part == "payloads":
        import payloads

        payloads.play(stage, TOOLS)
    elif part == "keyless":
        import keyless

        keyless.play(stage)
    elif part == "restore":
        import restore

        restore.play(stage)
    elif part == "day":
        reckon_day(Duel(part, stage, len(DAY), seed, CHANNELS[0], instances=1, spared=DAY).play())
    elif part == "duel":
        # Who is killed while it opens a thread keeps that claim for a minute: that is for a longer duel.
        Duel(part, stage, ticks or DUEL_TICKS, seed, spared=[] if ticks else ["create-thread"]).play()
    else:
        reckon_rollbacks(Rollbacks(part, stage, ticks or ROLLBACK_CALLS, seed).play())


def adapters(stage):
    """Cargo has built them already where `.ci/run` calls."""
    from clients import Feed
    from services import CHANNELS, SLACK_APP_TOKEN

    services = stage.services
    places = {"RUST_BACKTRACE": "0", "AUTO_EP_TEST_GCS": services.gcs_url, "AUTO_EP_TEST_AWS": services.moto_url,
              "AUTO_EP_TEST_DISTRIBUTION": Feed(services).distribution, "AUTO_EP_TEST_SLACK": services.slack_url,
              "AUTO_EP_TEST_SLACK_TOKEN": SLACK_APP_TOKEN, "AUTO_EP_TEST_SLACK_CHANNEL": CHANNELS[1]}
    command = ["cargo", "test", "--locked", "--test", "stores", "--test", "slack_client", "--no-fail-fast", "--", "every_adapter"]
    ended = subprocess.run(command, cwd=CHECKOUT, env=os.environ | places, capture_output=True, text=True)
    stage.checks.that("the adapters' shared tests pass", ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"[-3000:])
    ran = re.findall("^test (.*) [.]{3} ok$", ended.stdout, re.M)
    stage.checks.that(f"they are {len(ran)}: {', '.join(ran)}", len(ran) > 5, ran)


# What these services cannot show: readers are served by S3 itself, the emulator names no scopes and knows no
# blocks.validate, and this is no Cloud Run. keyless shows every line well, where what is missing stands before them.
REMARKS = {"feed_url", "slack_scopes", "slack_blocks", "schedule_jobs"}


def doctor(stage):
    """Nothing to mend before the first export and after it, and nothing left that anybody reads."""
    from app import App, environment
    from clients import Feed, Slack, State
    from services import CHANNELS

    services, check = stage.services, stage.checks
    feed, state, slack = Feed(services, "doctor"), State(services, "doctor/"), Slack(services, CHANNELS[1])
    before = len(slack.parents())
    app = App(services, stage.binary, "doctor", environment(stage, feed, state, CHANNELS[1], SERVICE_NAME="IKEA EP doctor"))
    for when in ("before the first export", "after it"):
        answer = app.call("/create-thread?doctor=true&post=true", {})
        found = {one["check"]: one for one in answer.json.get("findings", [])}
        check.equal(f"{when} the doctor finds nothing to mend", answer.status, 200)
        bad = {name: one for name, one in found.items() if one["grade"] != "ok" and name not in REMARKS}
        check.that(f"{when} {len(found)} lines are well, but for {len(REMARKS)}", len(found) == 20 and not bad, bad or answer)
        check.equal(f"{when} no message stays", len(slack.parents()), before)
        check.equal(f"{when} no file stays", [key for key in feed.keys() if "doctor-" in key], [])
        if when == "after it":
            check.that("readers get the build", "readers get build" in found["feed_url"]["found"], found["feed_url"])
        else:
            check.equal("an export", app.call("/export-products", {}).status, 200)
            before = len(slack.parents())


def read_arguments():
    binary = Path(os.environ.get("AUTO_EP_BIN") or CHECKOUT / "target/debug/auto-ep")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=PARTS, help="some parts alone")
    parser.add_argument("--ticks", type=int, help=f"of the duels; default {DUEL_TICKS}, or {ROLLBACK_CALLS} rollbacks")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="default: a fresh one")
    parser.add_argument("binary", nargs="?", type=Path, default=binary, help=f"default {binary}")
    arguments = parser.parse_args()
    arguments.binary = arguments.binary.resolve()
    if not os.access(arguments.binary, os.X_OK):
        parser.error(f"there is no binary at {arguments.binary}: build it first")
    return arguments


if __name__ == "__main__":
    if Path(sys.prefix).resolve() == TOOLS / "venv":
        sys.exit(main())
    if not PYTHON.exists():
        sys.exit(f"{PYTHON} is missing: run {HERE / 'install'} first")
    # -B: no compiled files in the checkout.
    os.execv(PYTHON, [str(PYTHON), "-B", __file__, *sys.argv[1:]])
