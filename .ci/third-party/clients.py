"""Looks into each service by AWS's own client or by plain HTTP, never with ours."""

import hashlib
import json
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from services import SLACK_BOT_USER, SLACK_READER_TOKEN

REGION = "ap-northeast-2"
ACCESS_KEY, SECRET_KEY = "suite-access-key", "suite-secret-key"
SECONDS = 20


class Slack:
    """A channel, as a person of the workspace reads it."""

    def __init__(self, services, channel):
        self.url, self.channel = services.slack_url, channel

    def call(self, method, **arguments):
        form = urlencode({"channel": self.channel} | arguments).encode()
        request = Request(self.url + method, form, {"Authorization": f"Bearer {SLACK_READER_TOKEN}"})
        with urlopen(request, timeout=SECONDS) as answer:
            found = json.load(answer)
        if not found["ok"]:
            raise RuntimeError(f"{method}: {found}")
        return found

    def parents(self):
        """Our bot's messages in the channel itself."""
        found = self.call("conversations.history", limit=999)["messages"]
        return [message for message in found if message["user"] == SLACK_BOT_USER]

    def replies(self, ts):
        """The replies below a parent, without the parent."""
        found = self.call("conversations.replies", ts=ts, limit=1000)["messages"]
        return [message for message in found if message["ts"] != ts]


class Feed:
    """S3 and CloudFront: the files below a prefix of the one bucket, and the one distribution."""

    def __init__(self, services, prefix="ep", bucket="feed"):
        options = {"endpoint_url": services.moto_url, "region_name": REGION, "aws_access_key_id": ACCESS_KEY,
                   "aws_secret_access_key": SECRET_KEY,
                   "config": Config(connect_timeout=5, read_timeout=SECONDS, retries={"max_attempts": 2})}
        self.s3, self.cloudfront = boto3.client("s3", **options), boto3.client("cloudfront", **options)
        self.bucket, self.prefix, self.public_key = bucket, prefix, f"{prefix}/ikea_ep.tsv"
        # For readers, who have no keys and no SDK.
        self.url = f"{services.moto_url}/{bucket}/{self.public_key}"
        known = self.cloudfront.list_distributions()["DistributionList"].get("Items", [])
        self.distribution = known[0]["Id"] if known else None

    def create(self):
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        anybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.bucket}/*"}
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [anybody]}))
        origin = {"Id": "feed", "DomainName": f"{self.bucket}.s3.amazonaws.com",
                  "S3OriginConfig": {"OriginAccessIdentity": ""}}
        behaviour = {"TargetOriginId": "feed", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0,
                     "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}}
        self.distribution = self.cloudfront.create_distribution(DistributionConfig={
            "CallerReference": "suite", "Comment": "suite", "Enabled": True, "DefaultCacheBehavior": behaviour,
            "Origins": {"Quantity": 1, "Items": [origin]},
        })["Distribution"]["Id"]

    def get(self, key):
        """The object with its bytes under `Bytes`, or None."""
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return found | {"Bytes": found["Body"].read()}

    def build(self, build, end=".tsv"):
        return self.get(f"{self.prefix}/builds/{build}{end}")

    def keys(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.prefix}/")
        return sorted(o["Key"] for page in pages for o in page.get("Contents", []))

    def unfinished_uploads(self):
        return [u["Key"] for u in self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])]

    def invalidations(self):
        """The caller's reference of each invalidation of the public file, and of it alone."""
        listed = self.cloudfront.list_invalidations(DistributionId=self.distribution)["InvalidationList"]
        batches = [self.cloudfront.get_invalidation(DistributionId=self.distribution, Id=i["Id"])["Invalidation"]
                   ["InvalidationBatch"] for i in listed.get("Items", [])]
        return [b["CallerReference"] for b in batches if b["Paths"]["Items"] == [f"/{self.bucket}/{self.public_key}"]]


class State:
    """The GCS bucket, below a prefix."""

    def __init__(self, services, prefix="", bucket="state"):
        self.url, self.bucket, self.prefix = f"{services.gcs_url}/storage/v1/b", bucket, prefix

    def create(self):
        body = json.dumps({"name": self.bucket}).encode()
        urlopen(Request(self.url, body, {"Content-Type": "application/json"}), timeout=SECONDS).close()

    def text(self, name):
        """The object as text, or None."""
        try:
            with urlopen(f"{self.url}/{self.bucket}/o/{quote(self.prefix + name, safe='')}?alt=media") as answer:
                return answer.read().decode("utf-8")
        except HTTPError as error:
            if error.code == 404:
                return None
            raise

    def json(self, name):
        return json.loads(self.text(name) or "null")


def sha256(data):
    return hashlib.sha256(data).hexdigest()
