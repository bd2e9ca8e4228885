"""A made-up shop's listing API: paged, gzipped on request, with every kind of dirt, and the counts that follow.

Each product is planted together with its fate, so the expected funnel is a sum over what was planted and not a
second implementation of the filter.
"""

from collections import Counter
from contextlib import contextmanager
import gzip
import json
import threading
from urllib.parse import parse_qs, urlsplit

from web import Web

CATEGORIES = ["st001", "fu002", "bm001"]
PAGE_SIZE = 50
# Categories that give no more than so many at once, whatever is asked for.
CLAMPED = {"fu002": 30}
LISTING = "/kr/ko/product-list-page/more-products"
EXCLUDED_WORD = "진열상품"
EXCLUDED_CATEGORY = "식품"

KEEP, BROKEN, IGNORED = "keep", "broken", "ignored"
HTML_PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>We will be back soon.</body></html>"

SERIES = ["BILLY", "KALLAX", "HEMNES", "MALM", "PAX", "LACK", "POANG", "EKTORP"]
TYPES = ["책장", "선반유닛", "서랍장", "침대프레임", "옷장", "보조테이블", "암체어", "3인용소파"]
COLOURS = ["화이트", "블랙브라운", "자작나무무늬목", "다크그레이"]


class Planted:
    """One product and what must become of it."""

    def __init__(self, product, fate=KEEP, variants=()):
        self.product, self.fate, self.variants = product, fate, list(variants)

    def json(self):
        if not self.variants:
            return self.product
        inner = [v.json() for v in self.variants]
        return self.product | {"gprDescription": {"numberOfVariants": len(inner), "variants": inner}}

    def each(self):
        yield self
        yield from self.variants


class Expected:
    """The funnel that the planted products add up to: each id in one count, the first sound copy of it kept."""

    def __init__(self, listing):
        self.kept, self.broken_ids, self.skipped_ids = [], [], []
        self.skipped, self.duplicates = Counter(), 0
        copies = {}
        for entry in listing:
            for planted in entry.each():
                if planted.fate == IGNORED:
                    continue
                name = planted.product["itemNo"]
                fates = copies.setdefault(name, [])
                if planted.fate == KEEP and KEEP not in fates:
                    self.kept.append(name)
                fates.append(planted.fate)
        for name, fates in copies.items():
            self.duplicates += len(fates) - 1
            if KEEP in fates:
                continue
            if fates[0] == BROKEN:
                self.broken_ids.append(name)
            else:
                self.skipped[fates[0]] += 1
                self.skipped_ids.append(name)
        self.broken = len(self.broken_ids)
        self.fetched = len(self.kept) + self.broken + sum(self.skipped.values()) + self.duplicates


class Catalogue:
    def __init__(self):
        self.web = Web(self.answer)
        self.url = f"{self.web.url}{LISTING}?category={{category}}&start={{start}}&end={{end}}"
        # "listing" or "html" (an error page with status 200, for every request).
        self.mode = "listing"
        # Pages that answer 503 once, as (category, start).
        self.stumbles = set()
        self.stumbled = []
        self.gzipped = 0
        self.lock = threading.Lock()
        self.number = 263850
        self.shelves = {category: [] for category in CATEGORIES}
        self.fill()

    # ---- what is on the shelves -------------------------------------------------------------------------------

    def product(self, **changes):
        """A whole product in the listing's shape; `changes` replaces top-level fields, `...` removes one."""
        self.number += 7
        n, name = self.number, f"{self.number:08d}"
        series, kind, colour = SERIES[n % 8], TYPES[n % 8], COLOURS[n % 4]
        price = 9900 + n % 97 * 1000
        product = {
            "itemNo": name, "itemNoGlobal": name, "id": name, "itemType": "ART",
            "name": series, "typeName": kind, "validDesignText": colour,
            "itemMeasureReferenceText": f"{40 + n % 160}x{20 + n % 40}x{n % 997} cm",
            "salesPrice": self.price(price),
            "pipUrl": f"{self.web.url}/kr/ko/p/{series.lower()}-{name}/",
            "mainImageUrl": f"{self.web.url}/kr/ko/images/products/{series.lower()}__{name}_s5.jpg",
            "mainImageAlt": f"{series} {kind}",
            "contextualImageUrl": f"{self.web.url}/kr/ko/images/products/{series.lower()}__{name}_room_s5.jpg",
            "allProductImage": [
                {"type": "MAIN_PRODUCT_IMAGE", "altText": series,
                 "url": f"{self.web.url}/kr/ko/images/products/{series.lower()}__{name}_s5.jpg"},
                {"type": "CONTEXT_PRODUCT_IMAGE", "altText": series,
                 "url": f"{self.web.url}/kr/ko/images/products/{series.lower()}__{name}_room_s5.jpg"},
            ],
            "categoryPath": [{"name": "수납", "key": "st001"}, {"name": kind, "key": f"k{n % 8}"}],
            "businessStructure": {"homeFurnishingBusinessName": "Storage", "homeFurnishingBusinessNo": "02"},
            "gprDescription": {"numberOfVariants": 0, "variants": []},
            "onlineSellable": True, "lastChance": False, "ratingValue": 4.6, "ratingCount": n % 900,
            "colors": [{"name": colour, "id": "10156", "hex": "ffffff"}],
            "quickFacts": [], "features": [], "availability": [], "tag": "NONE",
        }
        for field, value in changes.items():
            if value is ...:
                del product[field]
            else:
                product[field] = value
        return product

    @staticmethod
    def price(amount, previous=None, **changes):
        def shown(whole):
            return {"prefix": "￦", "wholeNumber": f"{whole:,}", "separator": "", "decimals": "", "suffix": "",
                    "isRegularCurrency": False}

        price = {"currencyCode": "KRW", "numeral": float(amount), "current": shown(int(amount)), "tag": "NONE",
                 "discount": ""}
        if previous is not None:
            price["previous"] = shown(previous)
        return price | changes

    def fill(self):
        p, price = self.product, self.price

        def whole(count):
            return [Planted(p()) for _ in range(count)]

        # Products whose row is known to the letter; `rows` looks them up by what they show.
        self.rows = {
            "all parts of the title, a whole price": Planted(p(
                name="BILLY", typeName="책장", validDesignText="화이트", itemMeasureReferenceText="80x28x202 cm",
                salesPrice=price(79900))),
            "missing parts of the title are left out": Planted(p(
                name="LACK", typeName="보조테이블", validDesignText=None, itemMeasureReferenceText=...,
                ratingValue=..., ratingCount=...)),
            "control characters, tags and entities are gone": Planted(p(
                name="SMÅ\tGÖRA", typeName="수납장 &amp; <b>벤치</b>\r\n", validDesignText="화이트",
                itemMeasureReferenceText="60x57 cm")),
            "a list price above the price": Planted(p(salesPrice=price(59900, previous=79900))),
            "a members' price gives way to everybody's": Planted(p(
                salesPrice=price(69900, previous=99900, tag="FAMILY_PRICE"), tag="FAMILY_PRICE")),
            "a small image is raised, the id keeps its zeros": Planted(p(
                mainImageUrl=f"{self.web.url}/kr/ko/images/products/small__1_s1.jpg")),
            "without a main image the first of all": Planted(p(mainImageUrl=...)),
        }
        drifted = [
            Planted(p(features=None, colors={"name": "x"}, quickFacts="none", availability=7)),
            Planted(p(salesPrice=price(45000, discount={"percentage": 10}), optimizelyAttributes=[1, {"a": []}])),
            Planted(p(heroBackoffData=[[[[[]]]]], newFieldOfTomorrow={"deep": [1, 2, {"er": None}]})),
            Planted(p(itemType="SPR", id="s99326138", businessStructure=None, gprDescription=None)),
            Planted(p(name="아주긴이름" * 30)),
        ]
        skipped = (
            [Planted(p(onlineSellable=False), "not_sellable") for _ in range(4)]
            + [Planted(p(salesPrice=value), "no_price") for value in (None, ..., price(1000, numeral=None))]
            + [Planted(p(salesPrice=price(0)), "price_too_low") for _ in range(5)]
            + [Planted(p(mainImageUrl=..., allProductImage=images, contextualImageUrl=...), "no_image")
               for images in ([], None)]
            + [Planted(p(name=f"KALLAX {EXCLUDED_WORD}"), "excluded_word") for _ in range(6)]
            + [Planted(p(categoryPath=[{"name": EXCLUDED_CATEGORY, "key": "fb001"}]), "excluded_category")]
            + [Planted(p(lastChance=True), "last_chance") for _ in range(7)]
        )
        broken = [
            Planted(p(salesPrice=price(79900, numeral=79900.5)), BROKEN),
            Planted(p(salesPrice=price(12900, numeral=12900.25)), BROKEN),
            Planted(p(pipUrl=f"{self.web.url}/kr/ko/p/{'lang-' * 60}00000001/"), BROKEN),
            Planted(p(pipUrl="ftp://127.0.0.1/p/1"), BROKEN),
            Planted(p(categoryPath=[]), BROKEN),
            Planted(p(categoryPath=None, businessStructure=None), BROKEN),
            Planted(p(itemNo="0026#385"), BROKEN),
        ]
        stub = Planted({"id": "70999999", "pipUrl": f"{self.web.url}/kr/ko/p/stub-70999999/"}, IGNORED)
        first, second = Planted(p()), Planted(p())
        families = [
            Planted(p(), variants=[Planted(p()), Planted(p()), stub]),
            Planted(p(), variants=[Planted(p()), first]),
        ]
        # Without an image here, whole there: the id counts as seen only once a row with it was kept.
        late = p()
        imageless = Planted({**late, "mainImageUrl": None, "allProductImage": [], "contextualImageUrl": None},
                            "no_image")

        storage, furniture, beds = (self.shelves[c] for c in CATEGORIES)
        storage += whole(60) + list(self.rows.values()) + skipped[:14] + [imageless] + whole(20) + broken[:3]
        storage += [first, second] + families + whole(25)
        furniture += whole(40) + drifted + skipped[14:] + broken[3:] + storage[3:12] + [second] + whole(60)
        beds += whole(30) + [Planted(late)] + storage[0:3] + whole(21)
        self.dirty = skipped + broken

    def afternoon(self):
        """The catalogue changed since the morning: two gone, three new, one dearer."""
        storage = self.shelves["st001"]
        plain = [i for i, e in enumerate(storage) if e.fate == KEEP and i > 20]
        for place in sorted(plain[:2], reverse=True):
            del storage[place]
        self.shelves["bm001"] += [Planted(self.product()) for _ in range(3)]
        dearer = self.shelves["bm001"][0]
        dearer.product["salesPrice"] = self.price(dearer.product["salesPrice"]["numeral"] + 5000)

    @contextmanager
    def without(self, share):
        """This share of every shelf, its end, is gone for a while."""
        whole = self.shelves
        self.shelves = {name: shelf[:round(len(shelf) * (1 - share))] for name, shelf in whole.items()}
        try:
            yield
        finally:
            self.shelves = whole

    def listing(self):
        return [entry for category in CATEGORIES for entry in self.shelves[category]]

    def expected(self):
        return Expected(self.listing())

    # ---- how it is served ------------------------------------------------------------------------------------

    def answer(self, path, headers):
        url = urlsplit(path)
        if self.mode == "html" and url.path == LISTING:
            return 200, {"Content-Type": "text/html; charset=utf-8"}, HTML_PAGE
        if url.path == LISTING:
            return self.page(parse_qs(url.query), headers)
        if url.path.endswith(".jpg"):
            return 200, {"Content-Type": "image/jpeg"}, b"\xff\xd8\xff\xe0 a picture \xff\xd9"
        if url.path.startswith("/kr/ko/p/"):
            return 200, {"Content-Type": "text/html; charset=utf-8"}, b"<!DOCTYPE html><title>A product</title>"
        return 404, {"Content-Type": "text/plain"}, b"no such page"

    def page(self, query, headers):
        category, start, end = query["category"][0], int(query["start"][0]), int(query["end"][0])
        with self.lock:
            if (category, start) in self.stumbles:
                self.stumbles.remove((category, start))
                self.stumbled.append((category, start))
                return 503, {"Content-Type": "text/plain"}, b"try again"
        # Short windows that are not the last ones: the server clamps what it is asked for.
        end = min(end, start + CLAMPED.get(category, PAGE_SIZE))
        window = [entry.json() for entry in self.shelves[category][start:end]]
        body = json.dumps({"moreProducts": {"productWindow": window}}, ensure_ascii=False).encode()
        answer = {"Content-Type": "application/json; charset=utf-8"}
        if "gzip" in headers.get("Accept-Encoding", ""):
            self.gzipped += 1
            return 200, answer | {"Content-Encoding": "gzip"}, gzip.compress(body)
        return 200, answer, body

    def close(self):
        self.web.close()
