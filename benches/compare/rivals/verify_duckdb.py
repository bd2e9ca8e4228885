"""The verification of a feed with DuckDB's CSV reader: one pass that counts what breaks each rule.

    verify_duckdb.py THREADS FEED

What it does not check stands in benches/README.md.
"""

import hashlib
import json
import sys

import duckdb

COLUMNS = ["id", "title", "price_pc", "price_mobile", "normal_price", "link", "mobile_link", "image_link",
           "add_image_link", "category_name1", "category_name2", "category_name3", "category_name4", "condition",
           "manufacture_define_number", "brand", "maker", "installation_costs", "review_count", "shipping",
           "delivery_grade", "delivery_detail"]
MOST = {"id": 50, "title": 100, "price_pc": 10, "price_mobile": 10, "normal_price": 10, "link": 255, "mobile_link": 255,
        "image_link": 255, "add_image_link": 2560, "manufacture_define_number": 100, "brand": 60, "maker": 60,
        "review_count": 10, "delivery_detail": 100} | {f"category_name{at}": 50 for at in (1, 2, 3, 4)}
REQUIRED = ["id", "title", "price_pc", "link", "image_link", "category_name1", "shipping"]
TEXT = ["title", *(f"category_name{at}" for at in (1, 2, 3, 4)), "manufacture_define_number", "brand", "maker",
        "delivery_detail"]
FORM = {"id": "[0-9A-Za-z_ -]+", "price_pc": "[0-9]*[1-9][0-9]*", "price_mobile": "[0-9]*[1-9][0-9]*",
        "normal_price": "[0-9]*[1-9][0-9]*", "condition": "신상품|중고|리퍼|전시|반품|스크래치",
        "installation_costs": "Y", "review_count": "[0-9]+", "shipping": "-?[0-9]{1,7}", "delivery_grade": "Y"}
PHRASES = "무료배송|특가|할인|세일|이벤트|사은품|쿠폰|적립|최저가"
PHONE = "0[0-9]{1,2}-[0-9]{3,4}-[0-9]{4}|1[5-9][0-9]{2}-[0-9]{4}"


def is_link(url):
    return f"""(({url} LIKE 'https://_%' OR {url} LIKE 'http://_%') AND length({url}) = strlen({url})
                AND NOT contains({url}, ' '))"""


def rules():
    yield from ((f"{name}_missing", f"{name} IS NULL OR {name} = ''") for name in REQUIRED)
    yield from ((f"{name}_too_long", f"strlen({name}) > {most} AND length({name}) > {most}") for name, most in MOST.items())
    yield from ((f"{name}_form", f"{name} <> '' AND NOT regexp_full_match({name}, '{form}')") for name, form in FORM.items())
    yield from ((f"{name}_form", f"{name} <> '' AND NOT {is_link(name)}") for name in ("link", "mobile_link", "image_link"))
    yield "add_image_link_form", f"""add_image_link <> '' AND NOT list_bool_and(
        list_transform(string_split(add_image_link, '|'), lambda url: {is_link("url")}))"""
    yield "add_image_link_many", "len(string_split(add_image_link, '|')) > 10"
    yield from ((f"{name}_markup", f"contains({name}, '<') AND regexp_matches({name}, '<[A-Za-z/!?][^>]*>')")
                for name in TEXT)
    yield "control", f"regexp_matches(concat({', '.join(COLUMNS)}), '[\\x00-\\x1f\\x7f]')"
    yield "title_destroyed", "contains(title, '\ufffd') OR contains(title, '???')"
    yield "title_promotion", f"regexp_matches(title, '{PHRASES}')"
    yield "title_phone", f"regexp_matches(title, '{PHONE}')"
    yield "shipping_range", "NOT TRY_CAST(shipping AS BIGINT) BETWEEN -1 AND 1000000"
    yield "price_extreme", "TRY_CAST(price_pc AS BIGINT) > 1000000000"


def main(threads, feed):
    duck = duckdb.connect()
    duck.execute(f"SET threads = {int(threads)}")
    with open(feed, "rb") as file:
        header = file.readline().decode("utf-8").rstrip("\n").split("\t")
    assert header == COLUMNS, header
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS) + "}"
    counts = ", ".join(f"count(*) FILTER ({rule}) AS {name}" for name, rule in rules())
    found = duck.execute(f"""
        SELECT count(*) AS row_count, count(DISTINCT replace(id, ' ', '')) AS ids, count(DISTINCT title) AS titles,
               count(DISTINCT image_link) AS images, count(DISTINCT regexp_extract(link, '^https?://[^/]+')) AS hosts,
               median(TRY_CAST(price_pc AS BIGINT)) AS price, {counts}
        FROM read_csv('{feed}', header = true, delim = '\t', quote = '', escape = '', columns = {columns},
                      auto_detect = false, null_padding = false, strict_mode = true)""")
    told = dict(zip([column[0] for column in found.description], found.fetchone()))
    with open(feed, "rb") as file:
        told["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    rows = {name: told.pop(name) for name in ("row_count", "ids", "titles", "images", "hosts", "price", "sha256")}
    print(json.dumps({**rows, "broken": {name: count for name, count in told.items() if count}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
