#!/usr/bin/env python3
"""The built binary against fake-gcs-server, moto and the Slack emulator: a whole day, then what can go wrong.

    .ci/third-party/suite.py [--only SCENARIO]… [BINARY]

BINARY is AUTO_EP_BIN or target/debug/auto-ep by default; `install` must have run before. All traffic stays on
127.0.0.1. Prints one line a promise and `N passed, N failed`; ends with 1 when one failed. Logs stay in
`<tools>/logs/<time>`; after a failure their tails are printed.
"""

import argparse
from datetime import datetime
from importlib import import_module
import os
from pathlib import Path
import shutil
import signal
import sys

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
TOOLS = Path(os.environ.get("AUTO_EP_TOOLS") or CHECKOUT / "target/third-party").resolve()
# Everything together; a scenario has far smaller limits of its own.
SUITE_TIMEOUT = 900
KEPT_LOGS = 5

# In this order: the later ones build on the day that the first one played, and the last one ends the app.
SCENARIOS = ["whole_day", "requests", "bad_catalogue", "bad_feed", "held", "together", "missing", "duel", "rollbacks",
             "shutdown"]


def main():
    arguments = parse()
    enter_the_environment(__file__)

    from checks import Checks
    from services import Services
    from stage import Stage

    def give_up(number, _frame):
        raise SystemExit(f"ended by {signal.Signals(number).name}"
                         + (f" after {SUITE_TIMEOUT} s" if number == signal.SIGALRM else ""))

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, give_up)
    signal.alarm(SUITE_TIMEOUT)

    checks = Checks()
    services = Services(TOOLS, log_folder())
    try:
        with services, Stage(services, arguments.binary, checks) as stage:
            for name in SCENARIOS:
                if name in arguments.only:
                    scenario = import_module(f"scenarios.{name}")
                    with checks.scenario(scenario.TITLE):
                        scenario.run(stage)
    except BaseException as error:
        checks.that("the suite runs to its end", False, f"{type(error).__name__}: {error}")
        raise
    finally:
        if checks.failed:
            for process in services.processes:
                print(f"\n--- the last of {process.log}\n{process.log_tail()}", flush=True)
        print(f"\n{checks.passed} passed, {checks.failed} failed", flush=True)
    return 1 if checks.failed else 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("AUTO_EP_BIN") or CHECKOUT / "target/debug/auto-ep"
    parser.add_argument("binary", nargs="?", type=Path, default=Path(default), help=f"default {default}")
    parser.add_argument("--only", action="append", choices=SCENARIOS, metavar="SCENARIO",
                        help=f"one of {', '.join(SCENARIOS)}; they run in this order, and most need whole_day first")
    arguments = parser.parse_args()
    arguments.only = arguments.only or SCENARIOS
    arguments.binary = arguments.binary.resolve()
    if not os.access(arguments.binary, os.X_OK):
        parser.error(f"there is no binary at {arguments.binary}: build it first")
    return arguments


def enter_the_environment(script):
    """Goes on with `script` in the Python environment that `install` made."""
    if Path(sys.prefix).resolve() == TOOLS / "venv":
        return
    python = TOOLS / "venv/bin/python"
    if not python.exists():
        raise SystemExit(f"{python} is missing: run {HERE / 'install'} first")
    # -B: no compiled files in the checkout.
    os.execv(python, [str(python), "-B", str(Path(script).resolve()), *sys.argv[1:]])


def lives(folder):
    """Whether the run that made it is under way: a long duel counts what its instances logged."""
    try:
        os.kill(int(folder.name.rpartition("-")[2]), 0)
        return True
    except (ValueError, OSError):
        return False


def log_folder():
    logs = TOOLS / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    for old in sorted(logs.iterdir())[:-(KEPT_LOGS - 1)]:
        if not lives(old):
            shutil.rmtree(old, ignore_errors=True)
    mine = logs / f"{datetime.now():%Y%m%dT%H%M%S}-{os.getpid()}"
    mine.mkdir()
    return mine


if __name__ == "__main__":
    sys.exit(main())
