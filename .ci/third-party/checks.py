"""Promises and what was found: one line each, and the count at the end."""

from contextlib import contextmanager
import traceback


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, promise, kept, found=None):
        """Prints one line and gives back whether the promise was kept."""
        self.passed, self.failed = self.passed + bool(kept), self.failed + (not kept)
        text = found if isinstance(found, str) else repr(found)
        text = text if len(text) <= 3000 else f"{text[:3000]}… ({len(text)} characters)"
        print(f"ok {promise}" if kept else f"FAIL {promise}: found {text}", flush=True)
        return bool(kept)

    def equal(self, promise, found, expected):
        return self.that(promise, found == expected, f"{found!r}, expected {expected!r}")

    @contextmanager
    def part(self, name):
        """A part that breaks off is one failure; the next one runs all the same."""
        print(f"\n# {name}", flush=True)
        try:
            yield
        except Exception as error:  # noqa: BLE001: whatever went wrong, the others shall run
            where = traceback.format_exc().strip()
            self.that(f"{name}: runs to its end", False, f"{type(error).__name__}: {error}\n{where[-800:]}")
