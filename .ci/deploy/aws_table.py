"""Holds commands of the AWS CLI against the CLI's own tables, and what is in their JSON against the services' own models.

It runs in the environment that has the CLI, reads a list of commands (each a list of words) as JSON and prints what is
wrong, one line each. The CLI does all that it does before it would send; what it sends nothing for is a good answer.
"""

import contextlib
import io
import json
import sys
from types import SimpleNamespace

from awscli.clidriver import create_clidriver

# Enough for whoever waits.
GOOD = SimpleNamespace(status_code=200), {"Distribution": {"Status": "Deployed"}, "ResponseMetadata": {}}


def complaint(words):
    """What the CLI has against a command, or nothing."""
    errors, driver = io.StringIO(), create_clidriver()
    driver.session.register("before-call", lambda **_: GOOD)
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        try:
            status = driver.main(words)
        except SystemExit as end:
            status = end.code
    return (errors.getvalue().strip()[-500:] or f"status {status}") if status else None


for command in json.load(sys.stdin):
    if wrong := complaint(command):
        print(f"{' '.join(command)}: {wrong}")
