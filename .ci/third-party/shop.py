"""A made-up shop: its listing of products by departments, and the address at which readers get the feed."""

from contextlib import contextmanager
import gzip
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import sys
import threading
from urllib.parse import parse_qs, urlsplit

DEPARTMENTS = {"st001": 130, "fu002": 75, "bm001": 40}
PAGE_SIZE = 50
# A department that gives no more than so many at once, whatever is asked for.
CLAMPED = {"fu002": 30}
LISTING = "/kr/ko/product-list-page/more-products"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A reader may hang up at any time; everything else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Web:
    """Answers each GET with what `answer(path, headers)` gives: (status, headers, bytes)."""

    def __init__(self, answer):
        web = self
        self.requests = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self):
                web.requests.append(self.path)
                status, headers, body = answer(self.path, self.headers)
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

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Cdn(Web):
    """Stands where CloudFront stands: the bucket's objects by plain HTTP, with their content type and metadata."""

    def __init__(self, feed):
        super().__init__(self.answer)
        self.feed, self.feed_url = feed, f"{self.url}/{feed.public_key}"

    def answer(self, path, _headers):
        found = self.feed.get(urlsplit(path).path.lstrip("/"))
        if found is None:
            return 403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>"
        headers = {"Content-Type": found["ContentType"], "ETag": found["ETag"],
                   "Cache-Control": found.get("CacheControl", "")}
        return 200, headers | {f"x-amz-meta-{k}": v for k, v in found["Metadata"].items()}, found["Bytes"]


class Catalogue(Web):
    """Paged, and gzipped where asked for. Every tenth product cannot be sold."""

    def __init__(self):
        super().__init__(self.answer)
        self.listing_url = f"{self.url}{LISTING}?category={{category}}&start={{start}}&end={{end}}"
        # Pages that answer 503 once, as (department, start).
        self.stumbles = set()
        self.number = 263850
        self.shelves = {name: [self.product() for _ in range(count)] for name, count in DEPARTMENTS.items()}

    def product(self):
        self.number += 7
        n, name, price = self.number, f"{self.number:08d}", 9900 + self.number % 97 * 1000
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

    def ids(self, sellable=True):
        return [p["itemNo"] for shelf in self.shelves.values() for p in shelf if p["onlineSellable"] == sellable]

    def afternoon(self):
        """Two products are gone since the morning, and three are new."""
        del self.shelves["st001"][7:9]
        self.shelves["bm001"] += [self.product() for _ in range(3)]

    @contextmanager
    def without(self, share):
        """This share of every shelf, its end, is gone for a while."""
        whole = self.shelves
        self.shelves = {name: shelf[:round(len(shelf) * (1 - share))] for name, shelf in whole.items()}
        try:
            yield
        finally:
            self.shelves = whole

    def answer(self, path, headers):
        url, query = urlsplit(path), parse_qs(urlsplit(path).query)
        if url.path != LISTING:
            return 404, {"Content-Type": "text/plain"}, b"no such page"
        department, start, end = query["category"][0], int(query["start"][0]), int(query["end"][0])
        if (department, start) in self.stumbles:
            self.stumbles.remove((department, start))
            return 503, {"Content-Type": "text/plain"}, b"try again"
        window = self.shelves[department][start:min(end, start + CLAMPED.get(department, PAGE_SIZE))]
        body = json.dumps({"moreProducts": {"productWindow": window}}, ensure_ascii=False).encode()
        kind = {"Content-Type": "application/json; charset=utf-8"}
        if "gzip" in headers.get("Accept-Encoding", ""):
            return 200, kind | {"Content-Encoding": "gzip"}, gzip.compress(body)
        return 200, kind, body
