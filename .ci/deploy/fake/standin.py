"""What the two stand-ins share: a state that they keep in a folder, and the faults that were ordered.

FAKE_DIR/state   what there is
FAKE_DIR/calls   each call, one line, quoted for a shell
FAKE_DIR/fault   a fault to order: {"when": "part of a call", "say": "stderr", "times": 1}
FAKE_KILL        after so many changes whoever called is killed outright: what was made is there, its answer is lost

They know only the commands that the scripts use, and say so of any other, as the real ones do: exit status 2. Each is started
some thousand times, so they load nothing that takes its time: what is kept is in Python's own binary form, in the version
that writes the same for the same.
"""

import marshal
import os
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


def packed(thing):
    return marshal.dumps(thing, 2)


def read(name, otherwise=None):
    """What a file of the folder holds."""
    if not os.path.exists(f"{FOLDER}/{name}"):
        return otherwise
    with open(f"{FOLDER}/{name}", "rb") as file:
        return marshal.loads(file.read())


def write(name, thing):
    """Whole or not at all: another call may be on its way when this one is killed."""
    with open(f"{FOLDER}/{name}.new", "wb") as file:
        file.write(packed(thing))
    os.rename(f"{FOLDER}/{name}.new", f"{FOLDER}/{name}")


PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_")


def quoted(word):
    """As shlex.quote does it."""
    return word if word and PLAIN.issuperset(word) else "'" + word.replace("'", "'\"'\"'") + "'"


def strike(line):
    """Fails where a fault was ordered."""
    fault = read("fault", {"when": "", "times": 0})
    if fault["when"] in line and fault["times"] > 0:
        write("fault", fault | {"times": fault["times"] - 1})
        fail(f"ERROR: (gcloud) {fault['say']}")


def play(name, args, act):
    """Notes the call, has `act(state, words, flags)` do it, and keeps what that made of the state."""
    with open(f"{FOLDER}/calls", "a") as calls:
        calls.write(" ".join(quoted(word) for word in (name, *args)) + "\n")
    strike(" ".join([name, *args]))
    state = read("state")
    before = packed(state)
    act(state, *parse(args))
    if packed(state) == before:
        return
    changes = read("changes", 0) + 1
    write("changes", changes)
    write("state", state)
    if str(changes) == os.environ.get("FAKE_KILL"):
        # SIGKILL.
        os.killpg(0, 9)
