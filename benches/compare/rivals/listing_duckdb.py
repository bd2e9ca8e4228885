"""The listing's feed as queries of DuckDB, with explicit columns: nothing is guessed from the data.

    listing_duckdb.py THREADS CATALOGUE FEED EXCLUDED

Where the catalogue ends in .ndjson it holds one product a line, which DuckDB reads many times faster than one document.
What it does not do stands in benches/README.md.
"""

import json
import os
import sys

import duckdb

PRICE = """STRUCT(currencyCode VARCHAR, numeral DOUBLE, tag VARCHAR, tagWithText VARCHAR, badge VARCHAR,
                  previous STRUCT(wholeNumber VARCHAR))"""
MEMBER = {
    **dict.fromkeys(["itemNo", "name", "typeName", "validDesignText", "itemMeasureReferenceText", "mainImageUrl",
                     "contextualImageUrl", "pipUrl", "tag", "tagWithText", "badge"], "VARCHAR"),
    "salesPrice": PRICE, "onlineSellable": "BOOLEAN", "categoryPath": 'STRUCT(name VARCHAR, "key" VARCHAR)[]',
    "allProductImage": "STRUCT(url VARCHAR)[]", "ratingCount": "BIGINT",
}


def struct(fields):
    return "STRUCT(" + ", ".join(f"{name} {kind}" for name, kind in fields.items()) + ")"


PRODUCT = MEMBER | {"gprDescription": f"STRUCT(variants {struct(MEMBER)}[])"}

MACROS = r"""
CREATE MACRO clean(t) AS CASE WHEN regexp_matches(t, '[<&\x00-\x1f\x7f]|^ | $|  ')
  THEN trim(regexp_replace(regexp_replace(t, '<[A-Za-z/!?][^>]*>', ' ', 'g'), '\s+', ' ', 'g')) ELSE t END;
CREATE MACRO cut(t, most) AS CASE WHEN length(t) <= most THEN t
  ELSE regexp_extract(left(t, most), '^(.*) ', 1) END;
CREATE MACRO large(u) AS CASE WHEN regexp_matches(right(u, 9), '_[sS][123]\.[^./]*$')
  THEN regexp_replace(u, '_([sS])[123](\.[^./]*)$', '_\15\2') ELSE u END;
CREATE MACRO restricted(t) AS regexp_matches(t, 'FAMILY|MEMBER|IN_STORE|STORE_ONLY|패밀리|회원|매장 전용');
CREATE MACRO is_link(u) AS (u LIKE 'https://%' OR u LIKE 'http://%') AND ascii_only(u) AND length(u) <= 255;
"""

LINES = f"""
CREATE TEMP TABLE listed AS SELECT * FROM read_json($catalogue, format = 'newline_delimited', columns = {{{", ".join(f"'{name}': '{kind}'" for name, kind in PRODUCT.items())}}})
"""
DOCUMENT = f"""
CREATE TEMP TABLE listed AS SELECT unnest(list, recursive := false) AS p FROM (
  SELECT moreProducts.productWindow AS list
  FROM read_json($catalogue, format = 'unstructured', maximum_object_size = $size,
                 columns = {{'moreProducts': 'STRUCT(productWindow {struct(PRODUCT)}[])'}}))
"""

ROWS = f"""
CREATE TEMP TABLE members AS
WITH one AS (
  SELECT rowid * 1000 AS n, {", ".join(MEMBER)}, NULL::VARCHAR AS parent_kind, NULL::VARCHAR AS parent_currency,
         NULL::{MEMBER["categoryPath"]} AS parent_path
  FROM listed
  UNION ALL
  SELECT n, {", ".join(f"v.{field}" for field in MEMBER)}, parent_kind, parent_currency, parent_path
  FROM (SELECT rowid * 1000 + generate_subscripts(gprDescription.variants, 1) AS n, unnest(gprDescription.variants) AS v,
               typeName AS parent_kind, salesPrice.currencyCode AS parent_currency, categoryPath AS parent_path
        FROM listed WHERE len(gprDescription.variants) > 0)
), read AS (
  SELECT n, clean(itemNo) AS id, clean(name) AS name, salesPrice.numeral AS stated,
         TRY_CAST(replace(salesPrice.previous.wholeNumber, ',', '') AS BIGINT) AS before,
         salesPrice.currencyCode AS shown_currency,
         coalesce(salesPrice.currencyCode, parent_currency, 'KRW') AS currency,
         concat_ws(' ', nullif(tag, 'NONE'), tagWithText, badge, nullif(salesPrice.tag, 'NONE'), salesPrice.tagWithText,
                   salesPrice.badge) AS marks,
         coalesce(onlineSellable, true) AS sellable, pipUrl AS page,
         list_transform(list_filter(
           list_concat([mainImageUrl], list_transform(coalesce(allProductImage, []), lambda i: i.url), [contextualImageUrl]),
           lambda u: u IS NOT NULL AND u <> ''), lambda u: large(u)) AS urls,
         list_transform(list_filter(coalesce(categoryPath, parent_path, []),
                                    lambda l: l."key" IS DISTINCT FROM 'products'), lambda l: clean(l.name)) AS levels,
         cut(clean(concat_ws(' ', '이케아', name, coalesce(typeName, parent_kind), validDesignText,
                             itemMeasureReferenceText)), 100) AS title,
         ratingCount AS reviews
  FROM one
), judged AS (
  SELECT *, CASE WHEN is_marked THEN before ELSE stated END AS amount,
         page || CASE WHEN contains(page, '?') THEN '&' ELSE '?' END || 'utm_source=naver&utm_medium=ep' AS link,
         CASE WHEN len(levels) > 4 THEN list_concat(levels[1:1], levels[-3:]) ELSE levels END AS path
  FROM (SELECT *, marks <> '' AND restricted(marks) AS is_marked FROM read)
)
SELECT * EXCLUDE (page, sellable, levels, currency), CASE
    WHEN stated IS NULL THEN 'no_price'
    WHEN name IS NULL OR name = '' THEN 'no_name'
    WHEN NOT sellable THEN 'not_sellable'
    WHEN is_marked AND (before IS NULL OR before < stated) THEN 'restricted_price'
    WHEN amount < 1 THEN 'price_too_low'
    WHEN len(urls) = 0 THEN 'no_image'
    WHEN NOT regexp_full_match(id, '[0-9A-Za-z_ -]{{1,50}}') THEN 'characters'
    WHEN upper(currency) <> 'KRW' THEN 'currency'
    WHEN amount <> floor(amount) OR amount > 9999999999 THEN 'not_whole'
    WHEN NOT is_link(link) OR NOT list_bool_and(list_transform(urls, lambda u: is_link(u))) THEN 'not_http'
    WHEN len(path) = 0 THEN 'required'
  END AS reason
FROM judged;
CREATE TEMP TABLE first AS
  SELECT id, min(n) FILTER (reason IS NULL) AS kept, min(n) AS seen FROM members GROUP BY id;
"""

FEED = """
COPY (
  SELECT m.id, title, amount::BIGINT AS price_pc, amount::BIGINT AS price_mobile,
         CASE WHEN NOT is_marked AND before > stated THEN before END AS normal_price, link, link AS mobile_link,
         urls[1] AS image_link,
         array_to_string(list_filter(urls[2:], lambda u, i: u <> urls[1] AND list_position(urls, u) = i + 1)[:10], '|')
           AS add_image_link,
         left(path[1], 50) AS category_name1, left(path[2], 50) AS category_name2, left(path[3], 50) AS category_name3,
         left(path[4], 50) AS category_name4, '신상품' AS condition, left(m.id, 100) AS manufacture_define_number,
         'IKEA' AS brand, 'IKEA' AS maker, '' AS installation_costs, reviews AS review_count, 5000 AS shipping,
         'Y' AS delivery_grade, '지역과 제품 크기에 따라 배송비가 달라집니다' AS delivery_detail
  FROM members m JOIN first f ON f.kept = m.n
  ORDER BY n
) TO $feed (FORMAT csv, DELIMITER '\t', HEADER, QUOTE '', ESCAPE '', NULLSTR '');
"""

EXCLUDED = """
COPY (
  SELECT m.id, name, reason,
         CASE WHEN reason IN ('currency', 'not_whole') THEN 'price_pc' WHEN reason = 'required' THEN 'category_name1' END
           AS "column",
         CASE WHEN reason = 'restricted_price'
              THEN concat_ws(' ', stated::BIGINT, shown_currency, array_to_string(list_filter(string_split(marks, ' '), lambda mark: restricted(mark)), ' ')) END AS value
  FROM members m JOIN first f ON f.kept IS NULL AND f.seen = m.n
  ORDER BY n
) TO $excluded (FORMAT csv, DELIMITER '\t', HEADER, QUOTE '', ESCAPE '', NULLSTR '');
"""


def main(threads, catalogue, feed, excluded):
    duck = duckdb.connect()
    duck.execute(f"SET threads = {int(threads)}")
    duck.execute("CREATE MACRO ascii_only(t) AS length(t) = strlen(t)")
    duck.execute(MACROS)
    if catalogue.endswith(".ndjson"):
        duck.execute(LINES, {"catalogue": catalogue})
    else:
        duck.execute(DOCUMENT, {"catalogue": catalogue, "size": os.path.getsize(catalogue) + 16})
        duck.execute("CREATE OR REPLACE TEMP TABLE listed AS SELECT unnest(p) FROM listed")
    duck.execute(ROWS)
    duck.execute(FEED.replace("$feed", f"'{feed}'"))
    duck.execute(EXCLUDED.replace("$excluded", f"'{excluded}'"))
    fetched, kept = duck.execute("SELECT count(*), (SELECT count(kept) FROM first) FROM members").fetchone()
    left = dict(duck.execute("""SELECT reason, count(*) FROM members m JOIN first f
        ON f.kept IS NULL AND f.seen = m.n GROUP BY reason""").fetchall())
    duplicates = fetched - kept - sum(left.values())
    print(json.dumps({"fetched": fetched, "kept": kept, "left": left, "duplicates": duplicates}))


if __name__ == "__main__":
    main(*sys.argv[1:])
