"""What becomes of a shop whose state is lost: brought back from a backup, from one that is too old, and without any.

The backup and the way back are the commands of deploy/README.md, run by the real gcloud against fake-gcs-server.
"""

import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import tempfile
from urllib.parse import quote
from urllib.request import Request, urlopen

from app import App, environment
from clients import Feed, Slack, State
from services import CHANNELS

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SERVICE = "IKEA EP restore"


def commands():
    """BACKUP and RESTORE of the section that people read."""
    text = (CHECKOUT / "deploy/README.md").read_text("utf-8")
    section = text.partition("\n### Back up the state, and bring it back\n")[2].partition("\n### ")[0]
    backup, restore = (line.partition("#")[0].strip() for line in re.findall("^gcloud storage rsync .*", section, re.M))
    return backup, restore


class Shop:
    def __init__(self, stage, folder):
        services, self.check = stage.services, stage.checks
        self.state, self.feed = State(services, "restore/"), Feed(services, "restore")
        self.slack, self.catalogue, self.folder = Slack(services, CHANNELS[1]), stage.catalogue, folder
        self.app = App(services, stage.binary, "restore", environment(stage, self.feed, self.state, CHANNELS[1], SERVICE_NAME=SERVICE))
        self.place = f"gs://{self.state.bucket}/restore"
        self.gcloud = os.environ | {
            "STATE": self.place, "BACKUP": f"{folder}/backup", "CLOUDSDK_CONFIG": f"{folder}/gcloud",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{services.gcs_url}/storage/v1/",
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true", "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
            "CLOUDSDK_CORE_PROJECT": "shop-1", "CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}

    def run(self, command):
        """A command as the handbook has it, after its first lines."""
        ended = subprocess.run(["bash", "-euc", f'mkdir -p "$BACKUP"; {command}'], env=self.gcloud, capture_output=True, text=True)
        self.check.that(f"the handbook's command goes well: {command}", ended.returncode == 0, ended.stdout + ended.stderr)

    def records(self):
        with urlopen(f"{self.state.url}/{self.state.bucket}/o?prefix={quote(self.state.prefix)}", timeout=20) as answer:
            return {one["name"]: self.state.text(one["name"].removeprefix(self.state.prefix))
                    for one in json.load(answer).get("items", [])}

    def lose(self):
        for name in self.records():
            url = f"{self.state.url}/{self.state.bucket}/o/{quote(name, safe='')}"
            urlopen(Request(url, method="DELETE"), timeout=20).close()
        self.check.equal("the state is lost", self.records(), {})

    def call(self, step, what, *statuses):
        answer = self.app.call(f"/{step}", {})
        self.check.that(f"{what}: {step} ends with {' or '.join(statuses)}",
                        answer.status == 200 and answer.json["status"] in statuses, answer)
        return answer.json.get("report") or {}

    def problems(self, report):
        """What each check found of the file as a whole; what was not looked at for that is no problem of its own."""
        found = {one["id"]: [problem["kind"] for problem in one.get("problems", []) if problem["kind"] != "not_checked"]
                 for one in report["checks"] if one["id"] in ("fresh", "identical")}
        return {name: kinds for name, kinds in found.items() if kinds}

    def threads(self):
        """Our parents in the channel."""
        keys = [(one.get("metadata") or {}).get("event_payload") or {} for one in self.slack.parents()]
        return sum(one.get("service") == SERVICE for one in keys)


def play(stage):
    if not shutil.which("gcloud"):
        print("   gcloud is not installed: not played", flush=True)
        return
    with tempfile.TemporaryDirectory(prefix="auto-ep-restore.") as folder:
        shop = Shop(stage, folder)
        backup, restore = commands()
        for step in ("create-thread", "export-products", "verify-ep"):
            shop.call(step, "before", "ok")
        shop.run(backup)
        kept = shop.records()
        brought_back(shop, restore, kept)
        too_old(shop, restore)
        without_any(shop)
        shop.app.process.stop()


def brought_back(shop, restore, kept):
    shop.lose()
    shop.run(restore)
    shop.check.equal(f"all {len(kept)} records are back, byte for byte", shop.records(), kept)
    shop.call("create-thread", "brought back", "ok")
    shop.check.equal("the day goes on in its thread", shop.threads(), 1)
    shop.call("verify-ep", "brought back", "ok")
    with shop.catalogue.without(0.02):
        report = shop.call("export-products", "brought back", "ok")
    shop.check.equal("the next export is compared with the one before", report["rows_before"], 220)


def too_old(shop, restore):
    """The backup knows an earlier build than readers get."""
    public = shop.feed.get(shop.feed.public_key)["Metadata"]["build"]
    shop.run(restore)
    shop.check.that("the record names an older build than readers get",
                    shop.state.json("published.json")["published"]["info"]["build"] != public)
    report = shop.call("verify-ep", "too old", "fail")
    shop.check.equal("the file counts as a foreign one", shop.problems(report), {"identical": ["foreign_file"]})
    report = shop.call("export-products", "too old", "ok")
    shop.check.equal("the next export is published", report["publication"]["state"], "published")
    shop.call("verify-ep", "too old, after an export", "ok")
    shop.check.equal("the day goes on in its thread", shop.threads(), 1)


def without_any(shop):
    shop.lose()
    report = shop.call("verify-ep", "without a copy", "warn")
    shop.check.equal("nothing is recorded of the file", shop.problems(report), {"fresh": ["unrecorded"], "identical": ["unrecorded"]})
    report = shop.call("export-products", "without a copy", "warn")
    shop.check.equal("the public file stands in for the record", [one["warning"] for one in report["warnings"]], ["state_lost"])
    shop.check.equal("the next export is compared with it and published",
                     (report["rows_before"], report["publication"]["state"]), (220, "published"))
    shop.call("verify-ep", "without a copy, after an export", "ok")
    shop.check.equal("the day has a second thread", shop.threads(), 2)
