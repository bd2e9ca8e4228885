"""A shop as deploy/setup.sh makes it, without a key of AWS: the role is taken, kept, renewed and explained.

The real AWS CLI makes it in a moto of its own, which then judges every request: its signature, and whether the role that
setup made allows it. Nothing but what setup wrote into the shop's settings leads the service there.
"""

import json
from pathlib import Path
import sys
import time
from types import SimpleNamespace
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from app import App, environment
from clients import Feed, Slack, State
from federation import AHEAD, Amazon, Google
from services import CHANNELS
from shop import Catalogue
from workspace import Workspace

sys.path.append(str(Path(__file__).resolve().parent.parent / "deploy"))
from setup_checks import SetUpInMoto  # noqa: E402

ACCOUNT = "auto-ep-moa-run@shop-1.iam.gserviceaccount.com"
ADDRESS = "https://auto-ep-moa-abc123-du.a.run.app"
# Keys that end after so many seconds, and are to be renewed after so many. The catalogue's pages, one after the other, take
# longer, and so do those behind the first part of the build.
SHORT, RENEWED, PAGES = 4, 1, {"times": 110, "pause": 0.5}
PAGED = {"CATALOG_PAGE_SIZE": "1500", "CATALOG_CONCURRENCY": "1", "EP_MAX_ROWS": "100000"}
# What the service may only do with the role's keys, by how the requests begin.
IN_PARTS, COPY, INVALIDATION = "PUT /shop-1-auto-ep-moa-feed/ep/builds/", "PUT /shop-1-auto-ep-moa-feed/ep/moa.tsv", "POST /2020"


class Shop:
    """What setup.sh made, and who stands between it and the service."""

    def __init__(self, stage):
        self.stage = stage
        services = stage.services
        port = services.serve("moto-keyless", "/moto-api/", services.moto)[1]
        project = SetUpInMoto(f"http://127.0.0.1:{port}")
        try:
            project.setup("", "everything is there")
            self.settings = project.variables()
            number = project.state["ids"][ACCOUNT]
            project.put("services/auto-ep-moa", {"status": {"url": ADDRESS}})
            project.put("invokers/auto-ep-moa", [])
            project("schedule", "4 created")
            self.made = project.state
            project("schedule --pause verify-ep")
            self.paused = project.state["jobs"]
        finally:
            project.close()
        self.bucket, self.role = "shop-1-auto-ep-moa-feed", self.settings["AWS_ROLE_ARN"].rpartition("/")[2]
        self.judged(port)
        self.google = Google(number)
        self.google.bindings = self.made["bindings"]["shop-1"]
        self.amazon = Amazon(port, self.google.key.public_key(), self.rights, self.trust, self.public)
        self.state = State(services, bucket=self.settings["STATE_URL"].removeprefix("gs://"))
        self.state.create()

    def judged(self, port):
        """From here on moto lets nobody do anything without a right to it. Its own admin looks on."""
        options = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": self.settings["AWS_REGION"],
                   "config": Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 1})}
        iam = boto3.client("iam", aws_access_key_id="none", aws_secret_access_key="none", **options)
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.create_user(UserName="admin")
        iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=json.dumps(everything))
        key = iam.create_access_key(UserName="admin")["AccessKey"]
        # moto does not look at which distribution a call is about, so there its policy says any; who stands before it does.
        feed = {"RoleName": self.role, "PolicyName": "feed"}
        self.rights = iam.get_role_policy(**feed)["PolicyDocument"]["Statement"]
        anywhere = [one | {"Resource": "*"} if "cloudfront" in one["Resource"] else one for one in self.rights]
        iam.put_role_policy(**feed, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": anywhere}))
        judge = Request(f"{options['endpoint_url']}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
        urlopen(judge, timeout=20).close()
        options |= {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        self.iam, self.s3 = boto3.client("iam", **options), boto3.client("s3", **options)

    def trust(self, arn):
        try:
            role = self.iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
        except self.iam.exceptions.NoSuchEntityException:
            return None
        return role["AssumeRolePolicyDocument"] if role["Arn"] == arn else None

    def public(self, path):
        """CloudFront reads what the bucket's policy says, and nothing else."""
        (reader,) = json.loads(self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"])["Statement"]
        if reader["Resource"] != f"arn:aws:s3:::{self.bucket}{path}":
            return None
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=path[1:])
        except ClientError:
            return None
        told = [(f"x-amz-meta-{name}", value) for name, value in found["Metadata"].items()]
        return 200, found["Body"].read(), [("Content-Type", found["ContentType"]), ("ETag", found["ETag"]), *told]

    def app(self, name, catalogue=None, **more):
        """An instance that has nothing but a role. It comes back with no keys."""
        stage = SimpleNamespace(**vars(self.stage) | {"catalogue": catalogue or self.stage.catalogue})
        written = {name: value for name, value in self.settings.items() if value and name != "SLACK_CHANNEL"}
        public = f"{self.amazon.url}/ep/moa.tsv"
        settings = environment(stage, Feed(self.stage.services), self.state, CHANNELS[1]) | written | {
            "FEED_URL": public, "AWS_ENDPOINT_URL": self.amazon.url,
            "GCE_METADATA_HOST": f"127.0.0.1:{self.google.port}"} | more
        del settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"]
        return App(self.stage.services, self.stage.binary, f"keyless-{name}", settings)


def play(stage):
    shop = Shop(stage)
    takes_the_role(shop)
    compares_the_jobs(shop)
    is_well_on_every_line(shop)
    survives_a_glitch(shop)
    renews_under_an_export(shop)
    explains_a_refusal(shop)
    check, logs = stage.checks, "".join(log.read_text("utf-8", "replace") for log in stage.services.logs.glob("keyless-*.log"))
    told = logs + json.dumps([Slack(stage.services, CHANNELS[1]).replies(parent["ts"])
                              for parent in Slack(stage.services, CHANNELS[1]).parents()])
    signatures = [token.rpartition(".")[2] for token in shop.google.tokens]
    secrets = signatures + [text for one in shop.amazon.sessions.values() for text in (one.secret, one.token)]
    check.equal(f"neither a log nor a message holds one of {len(secrets)} tokens and keys", [one for one in secrets if one in told], [])


def takes_the_role(shop):
    check, amazon, google = shop.stage.checks, shop.amazon, shop.google
    app = shop.app("day")
    for path in ("/create-thread", "/export-products", "/verify-ep"):
        answer = app.call(path, {})
        check.that(f"{path} goes well with nothing but the role that setup.sh made", answer.status == 200
                   and answer.json["status"] in ("ok", "warn"), answer)
    check.equal("one token for each of S3 and CloudFront, made out for the role",
                google.audiences, [shop.settings["AWS_ROLE_ARN"]] * 2)
    used = {key for key, *_ in amazon.requests}
    check.that(f"S3 and CloudFront were called {len(amazon.requests)} times, with the role's keys alone",
               used == set(amazon.sessions) and len(used) == 2 and not amazon.refusals, (used, amazon.refusals))
    check.that("a build, the copy and an invalidation are among them",
               all(amazon.used_for(begin) for begin in (IN_PARTS, COPY, INVALIDATION)), amazon.requests)
    doctor = app.call("/create-thread?doctor=true", {})
    bad = [one for one in doctor.json.get("findings", []) if one["grade"] == "fail"]
    check.that("the doctor has nothing to mend: the role's rights are enough", doctor.status == 200 and not bad, bad or doctor)
    cleanup = next((one for one in doctor.json.get("findings", []) if one["check"] == "feed_cleanup"), {})
    check.that("and not one more: it may remove nothing", "no right to remove, as it should be" in str(cleanup), cleanup)
    shop.stage.checks.equal("SIGTERM ends it well", app.process.stop(), 0)


def on_cloud_run(shop, name, **more):
    """Where it is known whose jobs they are."""
    return shop.app(name, K_SERVICE="auto-ep-moa", SERVICE_URL=ADDRESS, SCHEDULER_ENDPOINT=f"http://127.0.0.1:{shop.google.port}",
                    CATALOG_PRESET="ikea:kr/ko", EP_MAX_ROWS="10000", **more)


def compares_the_jobs(shop):
    """What schedule.sh made, the doctor takes for right."""
    check, google = shop.stage.checks, shop.google
    app = on_cloud_run(shop, "jobs")
    given = google.bindings
    for when, jobs, bindings, grade, found, mend in (
        ("before schedule.sh", {}, given, "warn", "no job for this service in asia-northeast3", "Run deploy/schedule.sh"),
        ("after schedule.sh", shop.made["jobs"], given, "ok", "4 jobs in asia-northeast3 are what SCHEDULE says", ""),
        ("after --pause", shop.paused, given, "warn", "auto-ep-moa-verify-ep is paused", "deploy/schedule.sh --resume"),
        ("without the role that setup.sh gave", shop.made["jobs"], [], "warn", "cloudscheduler.jobs.list", "roles/cloudscheduler.viewer"),
    ):
        google.jobs, google.bindings = jobs, bindings
        answer = app.call("/create-thread?doctor=true", {})
        line = next((one for one in answer.json.get("findings", []) if one["check"] == "schedule_jobs"), {})
        check.that(f"the doctor and the jobs {when}: {grade}", line.get("grade") == grade and found in line["found"]
                   and mend in line.get("mend", ""), line or answer)
    google.bindings = given
    app.process.stop()


def is_well_on_every_line(shop):
    """A published feed, every service with what it has in the world: not one line is anything but well."""
    check, google, slack = shop.stage.checks, shop.google, Slack(shop.stage.services, CHANNELS[1])
    google.jobs, workspace, before = shop.made["jobs"], Workspace(shop.stage.services), len(slack.parents())
    app = on_cloud_run(shop, "well", SLACK_API_URL=workspace.url)
    for post, lines in (("", 19), ("&post=true", 20)):
        answer = app.call(f"/create-thread?doctor=true{post}", {})
        found = answer.json.get("findings", [])
        bad = [one for one in found if one["grade"] != "ok"]
        check.that(f"all {lines} lines of the doctor are well{' with a post' if post else ''}", answer.status == 200
                   and answer.json["grade"] == "ok" and len(found) == lines and not bad, bad or answer)
    check.that(f"{len(workspace.validated)} lists of blocks were looked at", len(workspace.validated) > 1)
    check.equal("no message stays", len(slack.parents()), before)
    app.process.stop()


def survives_a_glitch(shop):
    check = shop.stage.checks
    for fault in ("hang up", 500, 404):
        shop.google.faults = [fault]
        app = shop.app(f"glitch-{str(fault).replace(' ', '-')}")
        answer = app.call("/export-products", {})
        app.process.stop()
        check.that(f"a metadata server that fails once ({fault}) is asked again, and the export goes well",
                   answer.status == 200 and answer.json["status"] in ("ok", "warn"), answer)
        check.equal("that is told once in the log", app.process.log.read_text("utf-8").count("trying again"), 1)


def renews_under_an_export(shop):
    check, amazon = shop.stage.checks, shop.amazon
    amazon.told, amazon.lasts = AHEAD + RENEWED, SHORT
    first = len(amazon.requests)
    app = shop.app("renewal", Catalogue(**PAGES), **PAGED)
    began = time.monotonic()
    answer = app.call("/export-products", {})
    took = time.monotonic() - began
    amazon.told, amazon.lasts = 3600, 3600
    parts = [key for key, method, path in amazon.requests[first:] if method == "PUT" and "partNumber" in path]
    print(f"   an export of {took:.1f} s: {len(amazon.requests) - first} requests, {len(parts)} parts", flush=True)
    # It is another shop's catalogue, whose pages nobody serves: held, and published by hand.
    build = answer.json["build"] if "build" in answer.json else answer.json["report"]["build"]
    by_hand = app.call(f"/export-products?build={build}&force=true&reason=another%20shop", {})
    check.that("an export that takes longer than its keys hold goes well", answer.status == 200 and took > SHORT
               and by_hand.json["report"]["publication"]["state"] == "published", f"{took} s: {answer}, {by_hand}")
    check.that("one build's parts are signed with keys that follow each other", len(set(parts)) > 1, parts)
    check.equal("no keys were used beyond their end", amazon.refusals, [])
    app.process.stop()


def explains_a_refusal(shop):
    """Each is told at once, with what the token says of itself, and is no reason to try again."""
    check, number = shop.stage.checks, shop.google.account_id
    trust = shop.trust(shop.settings["AWS_ROLE_ARN"])
    cases = {"a condition of its trust policy": "AccessDenied", "about the token itself or its provider": "InvalidIdentityToken"}
    for says, code in cases.items():
        shop.amazon.refusals, before = [], len(shop.google.audiences)
        if code == "AccessDenied":
            another = json.dumps(trust).replace(number, "111111111111111111111")
            shop.iam.update_assume_role_policy(RoleName=shop.role, PolicyDocument=another)
        else:
            shop.iam.update_assume_role_policy(RoleName=shop.role, PolicyDocument=json.dumps(trust))
            shop.amazon.google_key = Google("0").key.public_key()
        app = shop.app(f"refused-{code}")
        answer = app.call("/export-products", {})
        told = [says, code, f"sub {number}", f"azp {number}", f"aud {shop.settings['AWS_ROLE_ARN']}"]
        missing = [text for text in told if text not in answer.json.get("detail", "")]
        check.that(f"{code} is explained with sub, azp and aud", answer.status == 502 and not missing, (missing, answer))
        check.equal(f"{code} is for people to mend: no retry is asked for", answer.json.get("retryable"), False)
        check.equal(f"after {code} nobody is asked again", shop.amazon.refusals, [code] * (len(shop.google.audiences) - before))
        doctor = app.call("/create-thread?doctor=true", {})
        failed = {one["check"] for one in doctor.json.get("findings", []) if one["grade"] == "fail" and code in str(one)}
        check.that(f"the doctor names {code} at what it keeps from working", {"feed_put", "invalidation"} <= failed, doctor)
        app.process.stop()
