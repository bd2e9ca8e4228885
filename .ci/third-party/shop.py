"""A made-up shop: its listing of products by departments."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import threading
import time
from urllib.parse import parse_qs, urlsplit

DEPARTMENTS = {"st001": 130, "fu002": 75, "bm001": 40}
PAGE_SIZE = 50


class Catalogue(ThreadingHTTPServer):
    """In pages, each after a pause of so many seconds. Every tenth product cannot be sold."""

    daemon_threads = True

    def __init__(self, times=1, pause=0):
        """`times` as many products as DEPARTMENTS says."""
        super().__init__(("127.0.0.1", 0), Page)
        self.pause = pause
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.listing_url = f"{self.url}/list?category={{category}}&start={{start}}&end={{end}}"
        numbers = iter(range(263850, 999999, 7))
        self.shelves = {name: [self.product(next(numbers)) for _ in range(times * count)]
                        for name, count in DEPARTMENTS.items()}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A reader that was killed hangs up."""

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


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        window = self.server.shelves[query["category"][0]][int(query["start"][0]):int(query["end"][0])]
        time.sleep(self.server.pause)
        body = json.dumps({"moreProducts": {"productWindow": window}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
