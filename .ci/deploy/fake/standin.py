"""What the two stand-ins share: a state that they keep in a folder, and the faults that were ordered.

FAKE_DIR/state.json   what there is
FAKE_DIR/calls        each call, one line, quoted for a shell
FAKE_DIR/faults.json  a fault to order: {"when": "part of a call", "say": "stderr", "times": 1}
FAKE_KILL             after so many changes whoever called is killed outright: what was made is there, its answer is lost

They know only the commands that the scripts use, and say so of any other, as the real ones do: exit status 2.
"""

import json
import os
import shlex
import signal
import sys

FOLDER = os.environ["FAKE_DIR"]


def fail(text, status=1):
    print(text, file=sys.stderr)
    sys.exit(status)


def parse(args):
    """Words before the flags, then flags with `=`, which is how the scripts write them all."""
    flags = [arg.partition("=") for arg in args if arg.startswith("--")]
    if len({name for name, *_ in flags}) < len(flags):
        fail(f"ERROR: an argument is given twice: {args}", 2)
    return [arg for arg in args if not arg.startswith("--")], {name: value for name, _, value in flags}


def read(name, otherwise):
    """A file of the folder."""
    if not os.path.exists(f"{FOLDER}/{name}"):
        return otherwise
    with open(f"{FOLDER}/{name}") as file:
        return file.read()


def write(name, text):
    """Whole or not at all: another call may be on its way when this one is killed."""
    with open(f"{FOLDER}/{name}.new", "w") as file:
        file.write(text)
    os.rename(f"{FOLDER}/{name}.new", f"{FOLDER}/{name}")


def strike(line):
    """Fails where a fault was ordered."""
    fault = json.loads(read("faults.json", '{"when": "", "times": 0}'))
    if fault["when"] in line and fault["times"] > 0:
        write("faults.json", json.dumps(fault | {"times": fault["times"] - 1}))
        fail(f"ERROR: (gcloud) {fault['say']}")


def play(name, args, act):
    """Notes the call, has `act(state, words, flags)` do it, and keeps what that made of the state."""
    with open(f"{FOLDER}/calls", "a") as calls:
        calls.write(shlex.join([name, *args]) + "\n")
    strike(" ".join([name, *args]))
    before = read("state.json", None)
    state = json.loads(before)
    act(state, *parse(args))
    after = json.dumps(state)
    if after == before:
        return
    count = str(int(read("changes", "0")) + 1)
    write("changes", count)
    write("state.json", after)
    if count == os.environ.get("FAKE_KILL"):
        os.killpg(0, signal.SIGKILL)
