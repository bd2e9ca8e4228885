"""What the commands of this folder share: where things are, their Python environment, their logs, how they end.

It must be importable before `enter_the_environment`: the standard library and nothing else.
"""

from datetime import datetime
import os
from pathlib import Path
import shutil
import signal
import sys

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
TOOLS = Path(os.environ.get("AUTO_EP_TOOLS") or CHECKOUT / "target/third-party").resolve()
KEPT_LOGS = 5


def parse(parser):
    """The arguments, with the binary that is there."""
    default = Path(os.environ.get("AUTO_EP_BIN") or CHECKOUT / "target/debug/auto-ep")
    parser.add_argument("binary", nargs="?", type=Path, default=default, help=f"default {default}")
    arguments = parser.parse_args()
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


def unwind_on_signals(seconds=None):
    """A signal, or the end of so many seconds, ends the command by way of everything that closes what it opened."""
    def give_up(number, _frame):
        raise SystemExit(f"ended by {signal.Signals(number).name}"
                         + (f" after {seconds} s" if number == signal.SIGALRM else ""))

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, give_up)
    signal.alarm(seconds or 0)


def log_folder():
    """A new folder for this run's logs; those of old runs go."""
    logs = TOOLS / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    for old in sorted(logs.iterdir())[:-(KEPT_LOGS - 1)]:
        if not lives(old):
            shutil.rmtree(old, ignore_errors=True)
    mine = logs / f"{datetime.now():%Y%m%dT%H%M%S}-{os.getpid()}"
    mine.mkdir()
    return mine


def lives(folder):
    """Whether the run that made it is under way: a long duel counts what its instances logged."""
    try:
        os.kill(int(folder.name.rpartition("-")[2]), 0)
        return True
    except (ValueError, OSError):
        return False
