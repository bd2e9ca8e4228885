"""The listing's feed with Python's own json and csv: what somebody would write in an afternoon.

    listing_python.py CATALOGUE FEED EXCLUDED

It makes the rows of src/preset/ikea.json and prints the funnel. What it does not do stands in benches/README.md.
"""

import csv
import html
import json
import re
import sys

COLUMNS = ["id", "title", "price_pc", "price_mobile", "normal_price", "link", "mobile_link", "image_link",
           "add_image_link", "category_name1", "category_name2", "category_name3", "category_name4", "condition",
           "manufacture_define_number", "brand", "maker", "installation_costs", "review_count", "shipping",
           "delivery_grade", "delivery_detail"]
SHIPPING, DETAIL = "5000", "지역과 제품 크기에 따라 배송비가 달라집니다"
PARAMETERS = "utm_source=naver&utm_medium=ep"
RESTRICTED = re.compile("FAMILY|MEMBER|IN_STORE|STORE_ONLY|패밀리|회원|매장 전용")
ID = re.compile(r"[0-9A-Za-z_ -]{1,50}")
UNCLEAN = re.compile(r"[<&\x00-\x1f\x7f\x85\xa0\u2028\u2029\u3000]|^ | $|  ")
TAG = re.compile(r"<[A-Za-z/!?][^>]*>")
SMALL = re.compile(r"_([sS])[123](\.[^./]*)$")
MOST_PRICE = 9_999_999_999


class Left(Exception):
    """A product that is left out: why, of which column, by what value."""


def clean(text):
    if not UNCLEAN.search(text):
        return text
    return " ".join(TAG.sub(" ", html.unescape(text)).split())


def cut(text, most):
    if len(text) <= most:
        return text
    head = text[:most]
    if text[most] == " ":
        return head.rstrip()
    space = head.rfind(" ")
    return head[:space].rstrip() if space >= len(head) // 2 else head


def link(column, raw):
    raw = f"https:{raw}" if raw.startswith("//") else raw
    if not raw.startswith(("http://", "https://")) or not raw.isascii():
        raise Left("not_http", column, raw)
    return raw


def short(column, raw):
    if len(raw) > 255:
        raise Left("too_long", column, raw)
    return raw


def regular(price):
    digits = ((price.get("previous") or {}).get("wholeNumber") or "").replace(",", "")
    return int(digits) if digits.isdigit() else None


def offer(product, price):
    stated = price.get("numeral")
    if stated is None:
        raise Left("no_price", "", "")
    before = regular(price)
    marks = [text for place in (product, price) for key in ("tag", "tagWithText", "badge")
             if (text := place.get(key)) and RESTRICTED.search(text)]
    if marks:
        if before is None or before < stated:
            shown = " ".join([f"{stated:.0f}", price.get("currencyCode", ""), *marks])
            raise Left("restricted_price", "", shown)
        return before, ""
    return stated, str(before) if before is not None and before > stated else ""


def images(product):
    listed = product.get("allProductImage") or []
    found = [product.get("mainImageUrl"), *(image.get("url") for image in listed), product.get("contextualImageUrl")]
    urls = dict.fromkeys(short("image_link", link("image_link", SMALL.sub(r"_\g<1>5\2", url))) for url in found if url)
    if not urls:
        raise Left("no_image", "", "")
    main, *more = urls
    return main, "|".join(more[:10])


def row(product, parent):
    price = product.get("salesPrice") or {}
    if parent is not None and price.get("numeral") is None:
        raise Left("no_price", "", "")
    name = product.get("name")
    if not name:
        raise Left("no_name", "", "")
    if product.get("onlineSellable") is False:
        raise Left("not_sellable", "", "onlineSellable false")
    amount, normal = offer(product, price)
    if amount < 1:
        raise Left("price_too_low", "", str(amount))
    main, more = images(product)
    number = clean(product["itemNo"])
    if not ID.fullmatch(number):
        raise Left("characters", "id", number)
    currency = price.get("currencyCode") or ((parent or {}).get("salesPrice") or {}).get("currencyCode")
    if currency and currency.upper() != "KRW":
        raise Left("currency", "price_pc", currency)
    if amount != int(amount) or amount > MOST_PRICE:
        raise Left("not_whole", "price_pc", str(amount))
    url = link("link", product.get("pipUrl") or "")
    url = short("link", f"{url}{'&' if '?' in url else '?'}{PARAMETERS}")
    levels = product.get("categoryPath") or (parent or {}).get("categoryPath") or []
    names = [clean(level["name"]) for level in levels if level.get("key") != "products"]
    if len(names) > 4:
        names = names[:1] + names[-3:]
    if not names:
        raise Left("required", "category_name1", "")
    kind = product.get("typeName") or (parent or {}).get("typeName")
    parts = [name, kind, product.get("validDesignText"), product.get("itemMeasureReferenceText")]
    title = cut(clean(" ".join(["이케아", *(clean(part) for part in parts if part)])), 100)
    reviews = product.get("ratingCount")
    amount = str(int(amount))
    return [number, title, amount, amount, normal, url, url, main, more,
            *(cut(name, 50) for name in names), *[""] * (4 - len(names)), "신상품", cut(number, 100), "IKEA", "IKEA", "",
            "" if reviews is None else str(reviews), SHIPPING, "Y", DETAIL]


def main(catalogue, feed, excluded):
    with open(catalogue, "rb") as file:
        listed = json.load(file)["moreProducts"]["productWindow"]
    left, kept, fetched, duplicates = {}, set(), 0, 0
    with open(feed, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
        writer.writerow(COLUMNS)
        for product in listed:
            variants = (product.get("gprDescription") or {}).get("variants") or []
            for member, parent in [(product, None), *((variant, product) for variant in variants)]:
                fetched += 1
                number = clean(str(member.get("itemNo") or ""))
                if number in kept:
                    duplicates += 1
                    continue
                try:
                    values = row(member, parent)
                except Left as why:
                    if number in left:
                        duplicates += 1
                    else:
                        left[number] = (clean(member.get("name") or ""), why.args)
                    continue
                if left.pop(number, None):
                    duplicates += 1
                kept.add(number)
                writer.writerow(values)
    reasons = {}
    with open(excluded, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
        writer.writerow(["id", "name", "reason", "column", "value"])
        for number, (name, (reason, column, value)) in left.items():
            reasons[reason] = reasons.get(reason, 0) + 1
            writer.writerow([number, name, reason, column, value])
    print(json.dumps({"fetched": fetched, "kept": len(kept), "left": reasons, "duplicates": duplicates}))


if __name__ == "__main__":
    main(*sys.argv[1:])
