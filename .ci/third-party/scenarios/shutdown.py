"""SIGTERM, as Cloud Run sends it before it kills."""

from day import STOP_TIMEOUT

TITLE = "SIGTERM"


def run(stage):
    code, seconds = stage.app.terminate()
    stage.checks.that(f"SIGTERM ends the process with exit code 0 within {STOP_TIMEOUT} s", code == 0,
                      f"exit code {code} after {seconds:.1f} s")
