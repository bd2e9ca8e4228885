"""Four rounds at once on two instances that are killed while they work. `duel.py` beside it plays more of them."""

import random

from ticks import Duel

TITLE = "a duel: 28 ticks while instances are killed at random moments"


def run(stage):
    seed = random.randrange(1_000_000)
    print(f"   seed {seed}; again: .ci/third-party/duel.py --ticks 28 --seed {seed}", flush=True)
    # Who is killed while it opens a thread keeps that claim for a minute: that is for the long duel.
    Duel(stage, ticks=28, seed=seed, spared=["create-thread"]).play()
