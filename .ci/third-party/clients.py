"""Looks into each service with that service's own client, never with ours."""

import hashlib

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from slack_sdk import WebClient

from services import SLACK_BOT_USER, SLACK_READER_TOKEN

REGION = "ap-northeast-2"
ACCESS_KEY = "suite-access-key"
SECRET_KEY = "suite-secret-key"
SECONDS = 20


class Slack:
    def __init__(self, services, channel):
        self.channel = channel
        self.web = WebClient(token=SLACK_READER_TOKEN, base_url=services.slack_url, timeout=SECONDS)

    def parents(self):
        """Our bot's messages in the channel itself, oldest first."""
        messages, cursor = [], ""
        while True:
            page = self.web.conversations_history(channel=self.channel, limit=200, cursor=cursor)
            messages += page["messages"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return sorted((m for m in messages if m["user"] == SLACK_BOT_USER), key=lambda m: m["ts"])

    def replies(self, ts):
        """The replies below a parent, oldest first, without the parent."""
        answer = self.web.conversations_replies(channel=self.channel, ts=ts, limit=1000)
        return sorted((m for m in answer["messages"] if m["ts"] != ts), key=lambda m: m["ts"])

    def message(self, ts):
        """One message of the channel itself, as it reads now."""
        return next((m for m in self.parents() if m["ts"] == ts), None)

    def permalink(self, ts):
        return self.web.chat_getPermalink(channel=self.channel, message_ts=ts)["permalink"]


def everything_said(message):
    """All text of a message: what notifications show and what its blocks show."""
    parts = [message.get("text", "")]

    def walk(node):
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                parts.append(node["text"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(message.get("blocks") or [])
    return "\n".join(parts)


class Feed:
    """S3 and CloudFront."""

    def __init__(self, services, bucket="feed", prefix="ep", key="ikea_ep.tsv"):
        options = dict(
            endpoint_url=services.moto_url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(connect_timeout=5, read_timeout=SECONDS, retries={"max_attempts": 2}),
        )
        self.s3 = boto3.client("s3", **options)
        self.cloudfront = boto3.client("cloudfront", **options)
        self.bucket, self.prefix = bucket, prefix
        self.public_key = f"{prefix}/{key}"

    def create(self):
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.distribution = self.cloudfront.create_distribution(DistributionConfig={
            "CallerReference": "suite",
            "Comment": "suite",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [{
                "Id": "feed", "DomainName": f"{self.bucket}.s3.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
            }]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "feed", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0,
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            },
        })["Distribution"]["Id"]

    def get(self, key):
        """The object with its bytes under `Bytes`, or None."""
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        found["Bytes"] = found["Body"].read()
        return found

    def link(self):
        """The public file for whoever has no keys, and no SDK that would make up for what it finds."""
        what = {"Bucket": self.bucket, "Key": self.public_key}
        return self.s3.generate_presigned_url("get_object", what, ExpiresIn=86400)

    def public(self):
        return self.get(self.public_key)

    def build(self, build):
        return self.get(f"{self.prefix}/builds/{build}.tsv")

    def excluded(self, build):
        return self.get(f"{self.prefix}/builds/{build}.excluded.tsv")

    def keys(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return sorted(o["Key"] for page in pages for o in page.get("Contents", []))

    def unfinished_uploads(self):
        return [u["Key"] for u in self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])]

    def fingerprint(self):
        """What must stay the same when the public file is left alone."""
        found = self.public()
        return found and (hashlib.sha256(found["Bytes"]).hexdigest(), found["Metadata"], found["LastModified"])

    def invalidations(self):
        """Paths of every invalidation, one list each, with its status and reference."""
        listed = self.cloudfront.list_invalidations(DistributionId=self.distribution)["InvalidationList"]
        found = [self.cloudfront.get_invalidation(DistributionId=self.distribution, Id=i["Id"])["Invalidation"]
                 for i in listed.get("Items", [])]
        return [{"id": i["Id"], "status": i["Status"], "paths": i["InvalidationBatch"]["Paths"]["Items"],
                 "reference": i["InvalidationBatch"]["CallerReference"]} for i in found]


class State:
    """The GCS bucket."""

    def __init__(self, services, bucket="state", prefix=""):
        self.client = storage.Client(
            project="suite",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": services.gcs_url},
        )
        self.bucket, self.prefix = bucket, prefix

    def create(self):
        self.client.create_bucket(self.bucket, timeout=SECONDS)

    def names(self):
        return sorted(b.name for b in self.client.list_blobs(self.bucket, prefix=self.prefix, timeout=SECONDS))

    def text(self, name):
        """The object as text, or None."""
        try:
            blob = self.client.bucket(self.bucket).blob(self.prefix + name)
            return blob.download_as_bytes(timeout=SECONDS).decode("utf-8")
        except NotFound:
            return None
