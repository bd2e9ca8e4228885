"""Stands where CloudFront stands: the bucket's objects by plain HTTP, with their content type and metadata."""

from urllib.parse import urlsplit

from web import Web


class Cdn:
    def __init__(self, feed):
        self.feed = feed
        # Set to (status, headers, bytes) to serve something else than the bucket holds.
        self.instead = None
        self.web = Web(self.answer)
        self.feed_url = f"{self.web.url}/{feed.public_key}"

    def answer(self, path, _headers):
        if self.instead is not None:
            return self.instead
        found = self.feed.get(urlsplit(path).path.lstrip("/"))
        if found is None:
            return 403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>"
        headers = {"Content-Type": found["ContentType"], "ETag": found["ETag"], "X-Cache": "Miss from suite"}
        if found.get("CacheControl"):
            headers["Cache-Control"] = found["CacheControl"]
        headers |= {f"x-amz-meta-{name}": value for name, value in found["Metadata"].items()}
        return 200, headers, found["Bytes"]

    def close(self):
        self.web.close()
