"""What Slack has and the emulator has not, in front of it: the scopes of a token with each answer, and blocks.validate."""

import http.client
import json
from urllib.parse import parse_qs, urlsplit

from federation import Answerer, Server
from services import SLACK_APP_SCOPES, SLACK_APP_TOKEN

# The blocks that a message may hold, as their reference lists them, and the longest list of them.
BLOCKS = {"actions", "alert", "card", "carousel", "context", "context_actions", "data_table", "data_visualization", "divider",
          "file", "header", "image", "input", "markdown", "plan", "rich_text", "section", "table", "task_card", "video"}
MOST = 50


class Workspace(Server):
    """The emulator's own answers, but for what it does not know."""

    def __init__(self, services):
        self.emulator = urlsplit(services.slack_url)
        # Every list of blocks that somebody wanted to be looked at.
        self.validated = []
        super().__init__(Methods)
        self.url = f"http://127.0.0.1:{self.port}/api/"


class Methods(Answerer):
    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/blocks.validate"):
            return self.told(200, json.dumps(self.validate(body)).encode())
        emulator = http.client.HTTPConnection(self.server.emulator.netloc, timeout=20)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            emulator.request(self.command, self.path, body or None, headers)
            found = emulator.getresponse()
            return self.told(found.status, found.read())
        finally:
            emulator.close()

    do_GET = do_POST = serve

    def told(self, status, text):
        self.answer(status, text, [("Content-Type", "application/json"), ("X-OAuth-Scopes", ",".join(SLACK_APP_SCOPES))])

    def validate(self, body):
        if self.headers["Authorization"] != f"Bearer {SLACK_APP_TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        blocks = json.loads(parse_qs(body.decode())["blocks"][0])
        self.server.validated.append(blocks)
        sound = len(blocks) <= MOST and all(one.get("type") in BLOCKS for one in blocks)
        return {"ok": True} if sound else {"ok": False, "error": "invalid_blocks"}
