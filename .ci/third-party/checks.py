"""Promises and what was found: one line each, and the count at the end."""

from contextlib import contextmanager
import traceback


def short(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 600 else f"{text[:600]}… ({len(text)} characters)"


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def that(self, promise, kept, found=None):
        """Prints one line and gives back whether the promise was kept."""
        if kept:
            self.passed += 1
            print(f"ok {promise}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL {promise}: found {short(found)}", flush=True)
        return bool(kept)

    def equal(self, promise, found, expected):
        return self.that(promise, found == expected, f"{short(found)}, expected {short(expected)}")

    @contextmanager
    def scenario(self, name):
        """A scenario that breaks off is one failure; the next one runs all the same."""
        print(f"\n# {name}", flush=True)
        try:
            yield
        except Exception as error:  # noqa: BLE001: whatever went wrong, the others shall run
            where = traceback.format_exc().strip()
            self.that(f"{name}: runs to its end", False, f"{type(error).__name__}: {error}\n{where}")
