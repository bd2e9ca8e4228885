#!/usr/bin/env -S python3 -B
"""Scheduled ticks against instances that are killed while they work, on fake-gcs-server, moto and the Slack emulator.

    .ci/third-party/duel.py [--rollbacks] [--ticks N] [--seed S] [--instances N] [--lanes N] [BINARY]

Plays days' rounds of ticks, each in its order, several at once: every tick is delivered like Cloud Scheduler does, at least once
and sometimes twice at a time, until it is answered 2xx; meanwhile the instance that works on it is killed at random
moments of its run, or right after Slack took a message, S3 copied a build or CloudFront took an invalidation, before
it hears of that. Then counts what is in Slack, S3 and GCS. With --rollbacks the ticks are calls by hand that publish a
held build by force or roll back to an earlier one; with one lane the public file is looked at after each of them. The
seed decides what is planned (which ticks are killed how often and how far into their run, what is delivered twice),
not how the machine's scheduler plays along.
"""

import argparse
from contextlib import ExitStack
import random
import sys

from command import TOOLS, enter_the_environment, log_folder, parse, unwind_on_signals


def main():
    arguments = read_arguments()
    enter_the_environment(__file__)

    from checks import Checks
    from services import Services
    from rollbacks import Rollbacks
    from stage import Stage
    from ticks import Duel

    unwind_on_signals()
    checks = Checks()
    with ExitStack() as closing:
        services = closing.enter_context(Services(TOOLS, log_folder()))
        stage = closing.enter_context(Stage(services, arguments.binary, checks))
        course = Rollbacks if arguments.rollbacks else Duel
        again = f"{sys.argv[0]} {'--rollbacks ' * arguments.rollbacks}--ticks {arguments.ticks} " \
                f"--seed {arguments.seed} --instances {arguments.instances} --lanes {arguments.lanes} " \
                f"{arguments.binary}"
        print(f"seed {arguments.seed}; logs in {services.logs}\nagain: {again}", flush=True)
        with checks.scenario("a duel"):
            course(stage, arguments.ticks, arguments.seed, arguments.instances, arguments.lanes).play()
        print(f"\n{checks.passed} passed, {checks.failed} failed; again: {again}", flush=True)
    return 1 if checks.failed else 0


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rollbacks", action="store_true", help="calls by hand instead of rounds")
    parser.add_argument("--ticks", type=int, default=210, help="default 210: 30 rounds of seven")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="default: a fresh one")
    parser.add_argument("--instances", type=int, default=2, help="default 2")
    parser.add_argument("--lanes", type=int, default=4, help="rounds that are played at the same time, default 4")
    return parse(parser)


if __name__ == "__main__":
    sys.exit(main())
