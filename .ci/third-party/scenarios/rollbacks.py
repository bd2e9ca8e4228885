"""Builds are forced and rolled back on two instances that are killed while they publish them."""

import random

from rollbacks import Rollbacks

TITLE = "a duel of 8 calls that force and roll back, while instances are killed"


def run(stage):
    seed = random.randrange(1_000_000)
    print(f"   seed {seed}; again: .ci/third-party/duel.py --rollbacks --ticks 8 --lanes 1 --seed {seed}", flush=True)
    Rollbacks(stage, ticks=8, seed=seed, lanes=1).play()
