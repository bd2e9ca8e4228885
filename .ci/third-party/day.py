"""The built binary as a process, and Cloud Scheduler as its caller."""

from datetime import datetime, timedelta, timezone
import http.client
import json
import signal
import time
from zoneinfo import ZoneInfo

from catalogue import CATEGORIES, EXCLUDED_CATEGORY, EXCLUDED_WORD, PAGE_SIZE
from clients import ACCESS_KEY, REGION, SECRET_KEY
from services import SLACK_APP_TOKEN

STEP_TIMEOUT = 120
START_TIMEOUT = 20
# Cloud Run's own: SIGTERM, then this long, then SIGKILL.
STOP_TIMEOUT = 10
MENTION = "U000000001"
PUBLIC_CHANNEL, OTHER_CHANNEL = "C000000001", "C000000002"
STEPS = ["create-thread", "export-products", "verify-ep"]
# A whole day, in order.
DAY = ["create-thread", "export-products", "verify-ep", "verify-ep", "verify-ep", "export-products", "verify-ep"]


def time_zone(now):
    """Seoul, unless its midnight is so near that the played day would be two."""
    for name in ("Asia/Seoul", "Asia/Kolkata"):
        local = now.astimezone(ZoneInfo(name))
        if (local - timedelta(minutes=20)).date() == local.date() == (local + timedelta(minutes=20)).date():
            return name
    raise AssertionError("two zones 3.5 hours apart cannot both be at midnight")


class Timetable:
    """A day's slots, squeezed into the minutes before now: a time ahead of the clock would count as forced.

    They may all be past before the first is played. The app holds the feed only against exports that have had DEADLINE
    to end, and its default is longer than a day here takes.
    """

    def __init__(self, now=None):
        now = now or datetime.now(timezone.utc)
        self.zone = time_zone(now)
        minute = timedelta(minutes=1)
        first = now.replace(second=0, microsecond=0) - len(DAY) * minute
        self.slots = [(step, first + n * minute) for n, step in enumerate(DAY)]
        self.date = self.local(self.slots[-1][1]).date().isoformat()
        # In a minute that is no slot each time is a run of its own.
        self.last = first + len(DAY) * minute

    def local(self, at):
        return at.astimezone(ZoneInfo(self.zone))

    def label(self, at):
        return self.local(at).strftime("%H:%M")

    def setting(self):
        """The value of SCHEDULE that has exactly these slots."""
        return ";".join(f"{step}@{self.local(at).minute} {self.local(at).hour} * * *" for step, at in self.slots)

    def next(self):
        """A scheduled time of its own, after every other one and not ahead of the clock."""
        self.last += timedelta(milliseconds=1)
        return self.last


class Answer:
    """An HTTP answer, read to its end."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.type = response.headers.get_content_type()
        self.text = response.read().decode("utf-8", "replace")
        try:
            self.json = json.loads(self.text)
        except ValueError:
            self.json = None

    def __repr__(self):
        return f"{self.status} {self.type} {self.text}"


class App:
    """One instance of auto-ep, on a free port unless one is given."""

    def __init__(self, services, binary, name, environment, port=None):
        self.process, self.port = services.serve(name, "/health", lambda _: [binary],
                                                 lambda chosen: {**environment, "PORT": str(chosen)},
                                                 port=port, seconds=START_TIMEOUT, every=0.02)

    def call(self, method, path, headers=None, body=None, timeout=STEP_TIMEOUT):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            try:
                connection.request(method, path, body=body, headers=headers or {})
            except (BrokenPipeError, ConnectionResetError):
                # Refused before it was sent to its end; the answer may be there all the same, if there is a connection.
                if connection.sock is None:
                    raise
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def tick(self, step, at, query="", timeout=STEP_TIMEOUT):
        """Calls a step exactly as Cloud Scheduler does."""
        return self.call("POST", f"/{step}{query}", {
            "User-Agent": "Google-Cloud-Scheduler",
            "Content-Type": "application/octet-stream",
            "Content-Length": "0",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": f"auto-ep-{step}",
            "X-CloudScheduler-ScheduleTime": at.isoformat().replace("+00:00", "Z"),
        }, timeout=timeout)

    def terminate(self):
        """SIGTERM as Cloud Run sends it; gives the exit code (None: still there) and the seconds that it took."""
        begun = time.monotonic()
        self.process.signal(signal.SIGTERM)
        code = self.process.wait(STOP_TIMEOUT)
        return code, time.monotonic() - begun

    def log_lines(self):
        return [line for line in self.process.log.read_text("utf-8", "replace").splitlines() if line.strip()]


def environment(services, timetable, catalogue, cdn, feed, state, channel=PUBLIC_CHANNEL, **changes):
    """Every variable that the app is started with; nothing is inherited."""
    settings = {
        "PATH": "/usr/bin:/bin",
        "STATE_URL": f"gs://{state.bucket}/{state.prefix}".rstrip("/"),
        "GCS_ENDPOINT": services.gcs_url,
        "FEED_STORE_URL": f"s3://{feed.bucket}/{feed.prefix}",
        "FEED_KEY": feed.public_key.rpartition("/")[2],
        "FEED_URL": cdn.feed_url,
        "CLOUDFRONT_DISTRIBUTION_ID": feed.distribution,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_ENDPOINT_URL": services.moto_url,
        "SLACK_API_URL": services.slack_url,
        "SLACK_BOT_TOKEN": SLACK_APP_TOKEN,
        "SLACK_CHANNEL": channel,
        "SLACK_MENTION": MENTION,
        "LOCALE": "ko",
        "TIMEZONE": timetable.zone,
        "SCHEDULE": timetable.setting(),
        "CATALOG_URL": catalogue.url,
        "CATALOG_ITEMS": "/moreProducts/productWindow",
        "CATALOG_CATEGORIES": ",".join(CATEGORIES),
        "CATALOG_PAGE_SIZE": str(PAGE_SIZE),
        "EP_SHIPPING": "3000",
        "FILTER_EXCLUDE_WORDS": EXCLUDED_WORD,
        "FILTER_EXCLUDE_CATEGORIES": EXCLUDED_CATEGORY,
        "FILTER_LAST_CHANCE": "drop",
        # The catalogue's pages and images do not exist.
        "VERIFY_ALIVE_SAMPLE": "0",
        "LOG_FORMAT": "json",
    }
    return {name: value for name, value in (settings | changes).items() if value is not None}
