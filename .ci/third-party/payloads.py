"""Every message's blocks against the types of Slack's own package.

`auto-ep preview` gives each kind of message in both languages, and a dry run of each route what it would post. They become
literals that must be what `@slack/types` says, with no member more; blocks.ts adds what must not be.
"""

import json
from pathlib import Path
import shutil
import subprocess
from urllib.parse import unquote

BUILDER = "https://app.slack.com/block-kit-builder/#"
TIMEOUT = 60
# What messages are made of; whatever of it none has is held against nothing.
KINDS = {"header", "section", "context", "data_visualization", "data_table"}


def play(stage, tools):
    check, found = stage.checks, previewed(stage.binary)
    languages = [sum(name.startswith(language) for name, _ in found) for language in ("ko", "en")]
    check.that(f"preview has as many messages in Korean as in English: {languages}", len(set(languages)) == 1 and languages[0] > 15, found)
    told = rehearsed(stage)
    check.equal("a dry run of each route tells what it would post", [step for step, _ in told],
                ["create-thread", "create-thread", "export-products", "verify-ep"])
    found += told
    kinds = {block["type"] for _, blocks in found for block in blocks}
    check.equal("every kind of block is among them", kinds, KINDS)
    complaints = compiled(found, tools)
    check.that(f"Slack's own types take the blocks of {len(found)} messages, and refuse what is none", not complaints, complaints)


def previewed(binary):
    """Each message's name and blocks."""
    printed = subprocess.run([binary, "preview"], check=True, capture_output=True, text=True, timeout=TIMEOUT).stdout
    lines = [line.strip() for line in printed.splitlines()]
    names = [line.removeprefix("── ") for line in lines if line.startswith("── ")]
    links = [json.loads(unquote(line.removeprefix(BUILDER))) for line in lines if line.startswith(BUILDER)]
    return [(name, link["blocks"]) for name, link in zip(names, links, strict=True)]


def rehearsed(stage):
    """What each route would post: of a new day, and of one when half of the catalogue is gone."""
    from app import App, environment
    from clients import Feed, State
    from services import CHANNELS

    services = stage.services
    feed, state = Feed(services, "payloads"), State(services, "payloads/")
    app = App(services, stage.binary, "payloads", environment(stage, feed, state, CHANNELS[1], SERVICE_NAME="IKEA EP payloads"))

    def rehearse(step):
        answer = app.call(f"/{step}?dry_run=true", {})
        return [(step, message["blocks"]) for message in answer.json.get("messages", [])]

    told = rehearse("create-thread")
    stage.checks.equal("an export", app.call("/export-products", {}).status, 200)
    with stage.catalogue.without(0.5):
        return told + rehearse("export-products") + rehearse("verify-ep")


def compiled(found, tools):
    """What the compiler says against them: nothing, where all is well."""
    place = tools / "logs/payloads"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("blocks.ts"), place)
    literals = [f"// {name}\nexport const message{n}: Blocks = {json.dumps(blocks, ensure_ascii=False, indent=1)};\n"
                for n, (name, blocks) in enumerate(found)]
    (place / "messages.ts").write_text("import type { Blocks } from './blocks.ts';\n\n" + "\n".join(literals), "utf-8")
    command = ["node", tools / "node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--module", "nodenext",
               "--target", "es2022", "--allowImportingTsExtensions", "--types", "", "blocks.ts", "messages.ts"]
    ended = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=TIMEOUT)
    return ended.returncode and f"{ended.stdout}{ended.stderr}"
