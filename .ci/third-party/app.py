"""The built binary as a process, and Cloud Scheduler as its caller."""

import http.client
import json

from clients import ACCESS_KEY, REGION, SECRET_KEY
from services import SLACK_APP_TOKEN
from shop import DEPARTMENTS, PAGE_SIZE

STEP_TIMEOUT = 120
# A whole day's steps, in order.
DAY = ["create-thread", "export-products", "verify-ep", "verify-ep", "verify-ep", "export-products", "verify-ep"]


class Answer:
    """An HTTP answer, read to its end."""

    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode("utf-8", "replace")
        try:
            self.json = json.loads(self.text)
        except ValueError:
            self.json = {}

    def __repr__(self):
        return f"{self.status} {self.text}"


class App:
    """One instance of auto-ep."""

    def __init__(self, services, binary, name, settings):
        self.process, self.port = services.serve(name, "/health", lambda _: [binary], settings)

    def call(self, path, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=STEP_TIMEOUT)
        try:
            connection.request("POST", path, headers=headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def tick(self, step, at):
        """Calls a step exactly as Cloud Scheduler does."""
        return self.call(f"/{step}", {
            "User-Agent": "Google-Cloud-Scheduler",
            "Content-Type": "application/octet-stream",
            "Content-Length": "0",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": f"auto-ep-{step}",
            "X-CloudScheduler-ScheduleTime": at.isoformat().replace("+00:00", "Z"),
        })


def environment(stage, feed, state, channel, **more):
    """Every variable that the app is started with; nothing is inherited."""
    return {
        "PATH": "/usr/bin:/bin",
        "STATE_URL": f"gs://{state.bucket}/{state.prefix}".rstrip("/"),
        "GCS_ENDPOINT": stage.services.gcs_url,
        "FEED_STORE_URL": f"s3://{feed.bucket}/{feed.prefix}",
        "FEED_KEY": feed.public_key.rpartition("/")[2],
        "FEED_URL": feed.url,
        "CLOUDFRONT_DISTRIBUTION_ID": feed.distribution,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_ENDPOINT_URL": stage.services.moto_url,
        "SLACK_API_URL": stage.services.slack_url,
        "SLACK_BOT_TOKEN": SLACK_APP_TOKEN,
        "SLACK_CHANNEL": channel,
        "SLACK_MENTION": "U000000001",
        "LOCALE": "ko",
        "CATALOG_URL": stage.catalogue.listing_url,
        "CATALOG_ITEMS": "/moreProducts/productWindow",
        "CATALOG_CATEGORIES": ",".join(DEPARTMENTS),
        "CATALOG_PAGE_SIZE": str(PAGE_SIZE),
        "EP_SHIPPING": "3000",
        # The catalogue's pages and images do not exist.
        "VERIFY_ALIVE_SAMPLE": "0",
        "LOG_FORMAT": "json",
    } | more
