#!/usr/bin/env -S python3 -B
"""The built binary against fake-gcs-server, moto and the Slack emulator: a whole day, then what can go wrong.

    .ci/third-party/suite.py [--only SCENARIO]… [BINARY]

BINARY is AUTO_EP_BIN or target/debug/auto-ep by default; `install` must have run before. All traffic stays on
127.0.0.1. Prints one line a promise and `N passed, N failed`; ends with 1 when one failed. Logs stay in
`<tools>/logs/<time>`; after a failure their tails are printed.
"""

import argparse
from importlib import import_module
import sys

from command import TOOLS, enter_the_environment, log_folder, parse, unwind_on_signals

# Everything together; a scenario has far smaller limits of its own.
SUITE_TIMEOUT = 900

# In this order: the later ones build on the day that the first one played, and the last one ends the app.
SCENARIOS = ["whole_day", "requests", "bad_catalogue", "bad_feed", "held", "together", "missing", "duel", "rollbacks",
             "shutdown"]


def main():
    arguments = read_arguments()
    enter_the_environment(__file__)

    from checks import Checks
    from services import Services
    from stage import Stage

    unwind_on_signals(SUITE_TIMEOUT)
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


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=SCENARIOS, metavar="SCENARIO",
                        help=f"one of {', '.join(SCENARIOS)}; they run in this order, and most need whole_day first")
    arguments = parse(parser)
    arguments.only = arguments.only or SCENARIOS
    return arguments


if __name__ == "__main__":
    sys.exit(main())
