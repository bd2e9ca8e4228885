"""The listing's feed with Polars, with an explicit schema: nothing is guessed from the data.

    listing_polars.py CATALOGUE FEED EXCLUDED

What it does not do stands in benches/README.md.
"""

import json
import sys

import polars as pl
from polars import Boolean, Float64, Int64, List, String, Struct, col, lit

PRICE = Struct({"currencyCode": String, "numeral": Float64, "tag": String, "tagWithText": String, "badge": String,
                "previous": Struct({"wholeNumber": String})})
FIELDS = {"itemNo": String, "name": String, "typeName": String, "validDesignText": String,
          "itemMeasureReferenceText": String, "mainImageUrl": String, "contextualImageUrl": String, "pipUrl": String,
          "salesPrice": PRICE, "tag": String, "tagWithText": String, "badge": String, "onlineSellable": Boolean,
          "categoryPath": List(Struct({"name": String, "key": String})), "allProductImage": List(Struct({"url": String})),
          "ratingCount": Int64}
PRODUCT = Struct({**FIELDS, "gprDescription": Struct({"variants": List(Struct(FIELDS))})})
SCHEMA = {"moreProducts": Struct({"productWindow": List(PRODUCT)})}
RESTRICTED = "FAMILY|MEMBER|IN_STORE|STORE_ONLY|패밀리|회원|매장 전용"
SMALL = r"_([sS])[123](\.[^./]*)$"
DETAIL = "지역과 제품 크기에 따라 배송비가 달라집니다"


def clean(text):
    mended = text.str.replace_all(r"<[A-Za-z/!?][^>]*>", " ").str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(text.str.contains(r"[<&\x00-\x1f\x7f]|^ | $|  ")).then(mended).otherwise(text)


def cut(text, most):
    head = text.str.slice(0, most).str.extract("^(.*) ", 1)
    return pl.when(text.str.len_chars() <= most).then(text).otherwise(head)


def members(listed):
    products = listed.with_columns(k=lit(0, Int64), parent_kind=lit(None, String), parent_currency=lit(None, String),
                                   parent_path=lit(None, FIELDS["categoryPath"])).drop("gprDescription")
    variants = listed.select(
        "n", col("typeName").alias("parent_kind"), col("salesPrice").struct.field("currencyCode").alias("parent_currency"),
        col("categoryPath").alias("parent_path"), v=col("gprDescription").struct.field("variants"))
    variants = variants.filter(col("v").list.len() > 0).explode("v").with_columns(
        k=pl.int_range(1, pl.len() + 1, dtype=Int64).over("n")).unnest("v")
    return pl.concat([products, variants.select(products.collect_schema().names())])


def read(one):
    price, marks = col("salesPrice").struct, pl.concat_list("tag", "tagWithText", "badge", "ptag", "ptext", "pbadge")
    one = one.with_columns(
        stated=price.field("numeral"), shown_currency=price.field("currencyCode"), ptag=price.field("tag"),
        ptext=price.field("tagWithText"), pbadge=price.field("badge"),
        before=price.field("previous").struct.field("wholeNumber").str.replace_all(",", "").cast(Int64, strict=False))
    names = col("path").list.len()
    return one.with_columns(
        id=clean(col("itemNo")), name=clean(col("name")), currency=pl.coalesce("shown_currency", "parent_currency", lit("KRW")),
        marks=marks.list.drop_nulls().list.eval(
            pl.element().filter(pl.element().str.contains(RESTRICTED))),
        sellable=col("onlineSellable").fill_null(True),
        link=col("pipUrl") + pl.when(col("pipUrl").str.contains("?", literal=True)).then(lit("&")).otherwise(lit("?"))
        + "utm_source=naver&utm_medium=ep",
        urls=pl.concat_list(
            "mainImageUrl", col("allProductImage").list.eval(pl.element().struct.field("url")).fill_null([]),
            "contextualImageUrl").list.drop_nulls().list.eval(
                pl.element().filter(pl.element() != "").str.replace(SMALL, "_${1}5${2}")).list.unique(maintain_order=True),
        path=pl.coalesce("categoryPath", "parent_path").list.eval(
            clean(pl.element().filter(pl.element().struct.field("key").ne_missing("products")).struct.field("name"))),
        title=cut(clean(pl.concat_str(
            [lit("이케아"), clean(col("name")), clean(pl.coalesce("typeName", "parent_kind")), clean(col("validDesignText")),
             clean(col("itemMeasureReferenceText"))], separator=" ", ignore_nulls=True)), 100),
    ).with_columns(
        amount=pl.when(col("marks").list.len() > 0).then(col("before").cast(Float64)).otherwise(col("stated")),
        path=pl.when(names > 4).then(pl.concat_list(col("path").list.head(1), col("path").list.tail(3))).otherwise("path"),
    )


def reason():
    is_marked = col("marks").list.len() > 0
    is_link = col("link").str.contains(r"^https?://[\x21-\x7e]+$") & (col("link").str.len_bytes() <= 255)
    are_links = col("urls").list.eval(
        pl.element().str.contains(r"^https?://[\x21-\x7e]+$") & (pl.element().str.len_bytes() <= 255)).list.all()
    rules = [
        ("no_price", col("stated").is_null()),
        ("no_name", col("name").is_null() | (col("name") == "")),
        ("not_sellable", ~col("sellable")),
        ("restricted_price", is_marked & (col("before").is_null() | (col("before") < col("stated")))),
        ("price_too_low", col("amount") < 1),
        ("no_image", col("urls").list.len() == 0),
        ("characters", ~col("id").str.contains(r"^[0-9A-Za-z_ -]{1,50}$")),
        ("currency", col("currency").str.to_uppercase() != "KRW"),
        ("not_whole", (col("amount") != col("amount").floor()) | (col("amount") > 9_999_999_999)),
        ("not_http", ~is_link | ~are_links),
        ("required", col("path").list.len().fill_null(0) == 0),
    ]
    first, *others = rules
    chain = pl.when(first[1]).then(lit(first[0]))
    for name, holds in others:
        chain = chain.when(holds).then(lit(name))
    return chain.otherwise(None)


def main(catalogue, feed, excluded):
    listed = pl.read_json(catalogue, schema=SCHEMA).lazy()
    listed = listed.select(p=col("moreProducts").struct.field("productWindow")).explode("p").unnest("p").with_row_index("n")
    judged = read(members(listed)).with_columns(reason=reason()).sort("n", "k").collect()
    fetched = judged.height
    kept = judged.filter(col("reason").is_null()).unique("id", keep="first", maintain_order=True)
    left = judged.filter(col("reason").is_not_null()).join(kept, on="id", how="anti", maintain_order="left")
    left = left.unique("id", keep="first", maintain_order=True)
    amount, urls = col("amount").cast(Int64), col("urls")
    empty = lit("")
    kept.select(
        "id", "title", price_pc=amount, price_mobile=amount,
        normal_price=pl.when((col("marks").list.len() == 0) & (col("before") > col("stated"))).then("before"),
        link="link", mobile_link="link", image_link=urls.list.first(), add_image_link=urls.list.slice(1, 10).list.join("|"),
        **{f"category_name{at + 1}": col("path").list.get(at, null_on_oob=True).str.slice(0, 50) for at in range(4)},
        condition=lit("신상품"), manufacture_define_number=col("id").str.slice(0, 100), brand=lit("IKEA"),
        maker=lit("IKEA"), installation_costs=empty, review_count="ratingCount", shipping=lit(5000),
        delivery_grade=lit("Y"), delivery_detail=lit(DETAIL),
    ).write_csv(feed, separator="\t", quote_style="never")
    shown = pl.concat_str([col("stated").cast(Int64).cast(String), "shown_currency", col("marks").list.join(" ")],
                          separator=" ", ignore_nulls=True)
    left.select(
        "id", "name", "reason",
        column=pl.when(col("reason").is_in(["currency", "not_whole"])).then(lit("price_pc")).otherwise(empty),
        value=pl.when(col("reason") == "restricted_price").then(shown).otherwise(empty),
    ).write_csv(excluded, separator="\t", quote_style="never")
    reasons = dict(left.group_by("reason").len().iter_rows())
    print(json.dumps({"fetched": fetched, "kept": kept.height, "left": reasons,
                      "duplicates": fetched - kept.height - left.height}))


if __name__ == "__main__":
    main(*sys.argv[1:])
