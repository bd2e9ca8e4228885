"""A made-up shop: its listing of products by departments, and the address at which readers get the feed."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import threading
from urllib.parse import parse_qs, urlsplit

DEPARTMENTS = {"st001": 130, "fu002": 75, "bm001": 40}
PAGE_SIZE = 50


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A reader that was killed hangs up."""


class Web:
    """Answers each GET with what `answer(path)` gives: (status, headers, bytes)."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, headers, body = answer(self.path)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Cdn(Web):
    """Stands where CloudFront stands: the bucket's objects by plain HTTP, with their content type and metadata."""

    def __init__(self, feed):
        super().__init__(self.answer)
        self.feed, self.feed_url = feed, f"{self.url}/{feed.public_key}"

    def answer(self, path):
        found = self.feed.get(urlsplit(path).path.lstrip("/"))
        if found is None:
            return 403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>"
        headers = {"Content-Type": found["ContentType"], "ETag": found["ETag"], "Cache-Control": found["CacheControl"]}
        return 200, headers | {f"x-amz-meta-{k}": v for k, v in found["Metadata"].items()}, found["Bytes"]


class Catalogue(Web):
    """In pages. Every tenth product cannot be sold."""

    def __init__(self):
        super().__init__(self.answer)
        self.listing_url = f"{self.url}/list?category={{category}}&start={{start}}&end={{end}}"
        numbers = iter(range(263850, 999999, 7))
        self.shelves = {name: [self.product(next(numbers)) for _ in range(count)] for name, count in DEPARTMENTS.items()}

    def product(self, n):
        name, price = f"{n:08d}", 9900 + n % 97 * 1000
        image = f"{self.url}/kr/ko/images/products/{name}_s5.jpg"
        return {
            "itemNo": name, "itemNoGlobal": name, "id": name, "itemType": "ART", "name": f"SERIE {n % 61}",
            "typeName": f"책장 {n % 83}", "validDesignText": "화이트",
            "itemMeasureReferenceText": f"{40 + n % 160}x{20 + n % 40}x{n % 997} cm",
            "salesPrice": {"currencyCode": "KRW", "numeral": float(price), "tag": "NONE", "discount": "",
                           "current": {"prefix": "￦", "wholeNumber": f"{price:,}", "decimals": "", "suffix": ""}},
            "pipUrl": f"{self.url}/kr/ko/p/serie-{name}/", "mainImageUrl": image, "mainImageAlt": "책장",
            "allProductImage": [{"type": "MAIN_PRODUCT_IMAGE", "altText": "책장", "url": image}],
            "categoryPath": [{"name": "수납", "key": "st001"}, {"name": "책장", "key": f"k{n % 8}"}],
            "gprDescription": {"numberOfVariants": 0, "variants": []}, "onlineSellable": n % 10 != 0,
        }

    @contextmanager
    def without(self, share):
        """This share of every shelf, its end, is gone for a while."""
        whole = self.shelves
        self.shelves = {name: shelf[:round(len(shelf) * (1 - share))] for name, shelf in whole.items()}
        try:
            yield
        finally:
            self.shelves = whole

    def answer(self, path):
        query = parse_qs(urlsplit(path).query)
        window = self.shelves[query["category"][0]][int(query["start"][0]):int(query["end"][0])]
        body = json.dumps({"moreProducts": {"productWindow": window}}).encode()
        return 200, {"Content-Type": "application/json; charset=utf-8"}, body
