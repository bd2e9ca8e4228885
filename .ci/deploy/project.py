"""A project to play with: a copy of deploy/ and env.yaml, and a gcloud that keeps state or one that is real."""

import atexit
import compileall
import marshal
import os
from pathlib import Path
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REAL_PATH = os.environ["PATH"]
RUN_ACCOUNT, SCHEDULER, BUILDER = (f"auto-ep-{who}@shop-1.iam.gserviceaccount.com" for who in ("run", "scheduler", "build"))
SECRETS = ["auto-ep-slack-bot-token", "auto-ep-aws-access-key-id", "auto-ep-aws-secret-access-key"]
MADE_UP = {"d0000000000000": "d111111abcdef8", "E0000000000000": "E2QWRUHAPOMQZL", "C0000000000": "C0123ABCDEF",
           "ikea-ep-feed-0000000000": "ikea-ep-feed"}
READS = re.compile(r"gcloud (scheduler jobs list|.* (describe|get-iam-policy) |auth (print-identity-token|list)"
                   r"|(services|secrets versions|beta monitoring channels|alpha monitoring policies|run revisions) list)"
                   r"|aws (\w+ (get|list|head)-|cloudfront wait)")
# Nothing is there but who may look.
EMPTY = {"services": {}, "jobs": {}, "invokers": {}, "secrets": [], "accounts": [], "ids": {}, "made": 0, "apis": [],
         "buckets": {}, "bindings": {}, "versions": {}, "channels": {}, "policies": {}, "metrics": {}, "pools": {},
         "aws": {"buckets": {}, "controls": {}, "distributions": {}, "roles": {}}}
# What was run and what was advised, for the real CLI's table.
COMMANDS = []


def compiled_stand_ins():
    """A copy of fake/ beside its compiled files, of which the checkout gets none: each is started some thousand times."""
    folder = Path(tempfile.mkdtemp(prefix="auto-ep-stand-ins."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(HERE / "fake", folder, dirs_exist_ok=True)
    assert compileall.compile_dir(folder, quiet=1), "the stand-ins do not compile"
    return folder


FAKE = compiled_stand_ins()


class Project:
    """No git checkout, no deploy/settings of the person who runs this and no made-up value plays a part.

    The prerequisites are there, nothing is deployed, and nobody but token holders gets in.
    """

    # The Python itself comes first: where `python3` is a version manager's wrapper, it costs more than all the rest.
    path = f"{FAKE}:{Path(sys.executable).resolve().parent}:{REAL_PATH}"
    ready, environment = {}, {}

    def __init__(self, *commands):
        """With what these commands do; the calls that led there are forgotten."""
        self.folder = Path(tempfile.mkdtemp(prefix="auto-ep-check."))
        shutil.copytree(ROOT / "deploy", self.folder / "deploy", ignore=shutil.ignore_patterns("settings"))
        self.env_file = self.folder / "env.yaml"
        shutil.copy(ROOT / "env.yaml", self.env_file)
        for made_up, real in MADE_UP.items():
            self.replace(made_up, real)
        self.state = self.ready.get(commands) or EMPTY | {"secrets": SECRETS, "accounts": [RUN_ACCOUNT, SCHEDULER]}
        self.codes(["403"], ["200"])
        self.doctor("200", "settings:\n  a remark\n\n✓ slack token     Slack takes it\n! feed url        nothing yet\n"
                           "                  → Run the first export.\n\n1 ✓, 1 !, 0 ✗\n")
        if commands not in self.ready:
            for command in commands:
                self(command)
            self.ready[commands] = self.state
        self.calls()

    def close(self):
        self.calls()
        shutil.rmtree(self.folder)

    @property
    def state(self):
        return marshal.loads((self.folder / "state").read_bytes())

    @state.setter
    def state(self, state):
        (self.folder / "state").write_bytes(marshal.dumps(state, 2))

    def put(self, path, value):
        """Puts a value at a path of the state, services/auto-ep/…; None takes away what is there."""
        whole = here = self.state
        *way, last = path.split("/")
        for key in way:
            here = here[key]
        here[last] = value
        if value is None:
            del here[last]
        self.state = whole

    def replace(self, old, new):
        self.env_file.write_text(self.env_file.read_text().replace(old, new))

    def env(self, name, value):
        text = re.sub(rf"^{name}: .*\n", "", self.env_file.read_text(), flags=re.M)
        self.env_file.write_text(f'{text}{name}: "{value}"\n')

    def fault(self, when, say, times=1):
        """The next calls of gcloud that hold `when` fail."""
        (self.folder / "fault").write_bytes(marshal.dumps({"when": when, "say": say, "times": times}, 2))

    def codes(self, without, token):
        """What curl answers in turn, without a token and with one; the last for ever."""
        for kind, codes in {"without": without, "with": token}.items():
            (self.folder / f"codes-{kind}").write_text("".join(f"{code}\n" for code in codes))

    def doctor(self, code, says):
        """What the doctor answers."""
        (self.folder / "codes-doctor").write_text(f"{code}\n")
        (self.folder / "doctor").write_text(says)

    def __call__(self, line, *says, exits=0, **options):
        """Runs `deploy …`, `schedule …`, `setup …` or `teardown …` for the project shop-1."""
        script, *flags = shlex.split(line)
        more = [] if script == "schedule" else ["--check-seconds=0"]
        return self.run(f"deploy/{script}.sh", "--project=shop-1", *more, *flags, says=says, exits=exits, **options)

    def run(self, *command, says=(), exits=0, cwd=None, path=None, answers="", kill=None):
        """Gives what it said. Who fails gives advice. `answers` is what a person types; with `kill` the whole of it ends
        outright after so many changes."""
        environment = os.environ | self.environment | {"PATH": path or self.path, "FAKE_DIR": str(self.folder),
                                                       "TMPDIR": str(self.folder), "FAKE_KILL": str(kill)}
        ended = subprocess.run(command, cwd=cwd or self.folder, env=environment, input=answers, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        said, what = ended.stdout, shlex.join(command)
        if ended.returncode == -signal.SIGKILL:
            return None
        assert ended.returncode == exits, f"{what} ended with {ended.returncode}, not {exits}: {said}"
        unsaid = [text for text in says if text not in said]
        assert not unsaid, f"{what} did not say {unsaid} but: {said}"
        advice = re.findall("^  -> +(.*)", said, re.M)
        assert advice or not exits, f"{what} gave no advice: {said}"
        COMMANDS.extend(advice)
        return said

    def calls(self):
        """The calls that changed something since the last time this was asked."""
        calls = self.take("calls")
        COMMANDS.extend(calls)
        return [call for call in calls if not READS.match(call)]

    def take(self, name):
        file = self.folder / name
        lines = file.read_text().splitlines() if file.exists() else []
        file.write_text("")
        return lines


class RealProject(Project):
    """With the real gcloud, which believes that it talks to Google. Only the identity token is made up."""

    def __init__(self, google):
        self.google, self.path = google, ""
        super().__init__()
        for name in ("Dockerfile", ".gcloudignore", "Cargo.toml", "Cargo.lock"):
            shutil.copy(ROOT / name, self.folder)
        for name in ("src/main.rs", "target/debug/auto-ep", "bin/gcloud"):
            (self.folder / name).parent.mkdir(parents=True)
            (self.folder / name).touch(mode=0o755)
        shutil.copy(FAKE / "curl", self.folder / "bin")
        (self.folder / "bin/gcloud").write_text(f"""#!/bin/sh
case "$*" in *print-identity-token*) echo the-token ;; *) exec {shutil.which("gcloud")} "$@" ;; esac
""")
        (self.folder / "access-token").write_text("made-up")
        self.path = f"{self.folder}/bin:{REAL_PATH}"

    @property
    def environment(self):
        """Whatever gcloud calls goes through the imitation, which knows no encrypted connection: nothing can reach
        Google. No account, no configuration and no metadata server of the machine plays a part."""
        apis = "RUN CLOUDSCHEDULER SECRETMANAGER IAM STORAGE ARTIFACTREGISTRY SERVICEUSAGE CLOUDBUILD CLOUDRESOURCEMANAGER".split()
        return {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}": f"http://{api.lower()}.test/" for api in apis} | {
            "CLOUDSDK_CONFIG": f"{self.folder}/gcloud", "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": f"{self.folder}/access-token", "CLOUDSDK_PROXY_TYPE": "http",
            "CLOUDSDK_PROXY_ADDRESS": "127.0.0.1", "CLOUDSDK_PROXY_PORT": str(self.google.server_port)}

    def calls(self):
        """The changing requests since the last time this was asked."""
        requests, self.google.requests = self.google.requests, []
        return requests
