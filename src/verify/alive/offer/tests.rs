//! Shapes made after schema.org's and the search engines' documentation of `Product` and `Offer`, wrong ones among them.

use proptest::prelude::*;

use super::*;
use ProblemKind::{PageElsewhere, PageMembersPrice, PageNewer, PageNotSold, PagePrice};

const ROW: Row<'_> = Row { id: "50000001", price: 79_900, since: None };

fn page(blocks: &[&str]) -> String {
    let script = |block: &&str| format!("<script type=\"application/ld+json\">{block}</script>");
    let scripts: String = blocks.iter().map(script).collect();
    format!(
        "<!doctype html><html><head><script>var a = '<p>';</script>{scripts}</head><body>79,900</body></html>"
    )
}

fn found(html: &str) -> Vec<(ProblemKind, String)> {
    compare(html.as_bytes(), &ROW).found
}

/// A product with this price and availability, as `shape` writes it.
fn shapes(price: &str, availability: &str) -> Vec<(&'static str, String)> {
    let offer = format!(
        r#"{{"@type": "Offer", "price": {price}, "priceCurrency": "KRW", "availability": "{availability}"}}"#
    );
    let product = |offers: &str| {
        format!(
            r#"{{"@context": "https://schema.org", "@type": "Product", "name": "책장", "sku": "500.000.01", "offers": {offers}}}"#
        )
    };
    let plain = product(&offer);
    let other = plain.replace("500.000.01", "999").replace(price, "1");
    let specified = format!(
        r#"{{"@type": "Offer", "availability": "{availability}", "priceSpecification": [
            {{"@type": "UnitPriceSpecification", "priceType": "https://schema.org/StrikethroughPrice", "price": 129900, "priceCurrency": "KRW"}},
            {{"@type": "UnitPriceSpecification", "price": {price}, "priceCurrency": "KRW"}}]}}"#
    );
    vec![
        ("one product", page(&[&plain])),
        ("an array", page(&[&format!(r#"[{{"@type": "BreadcrumbList"}}, {plain}]"#)])),
        (
            "a graph",
            page(&[&format!(
                r#"{{"@context": "https://schema.org", "@graph": [{{"@type": "WebSite"}}, {plain}]}}"#
            )]),
        ),
        ("several blocks", page(&[r#"{"@type": "Organization", "name": "Moa"}"#, "{", &plain])),
        (
            "types as addresses",
            page(&[&plain.replace("\"Product\"", "[\"http://schema.org/Product\", \"schema:Thing\"]")]),
        ),
        ("several offers", page(&[&product(&format!("[{offer}, {offer}]"))])),
        ("a specification beside the list price", page(&[&product(&specified)])),
        (
            "a product and its variants",
            page(&[&format!(
                r#"{{"@type": "ProductGroup", "productGroupID": "5", "hasVariant": [{other}, {plain}]}}"#
            )]),
        ),
        ("a page about it", page(&[&format!(r#"{{"@type": "ItemPage", "mainEntity": {plain}}}"#)])),
        (
            "with related ones",
            page(&[&format!("{}, \"isRelatedTo\": [{other}]}}", plain.strip_suffix('}').unwrap())]),
        ),
        (
            "an offer that the product only names",
            page(&[&format!(
                r##"{{"@graph": [{}, {}]}}"##,
                product(r##"{"@id": "#offer"}"##),
                offer.replacen('{', r##"{"@id": "#offer", "##, 1)
            )]),
        ),
        (
            "an offer that names its product, in another block",
            page(&[
                &offer.replacen('{', r##"{"itemOffered": {"@id": "#it"}, "##, 1),
                &product("[]").replacen('{', r##"{"@id": "#it", "##, 1).replace(r##", "offers": []"##, ""),
            ]),
        ),
        (
            "an offer around its product",
            page(&[&offer.replacen(
                '{',
                &format!(r##"{{"itemOffered": {}, "##, product("[]").replace(r##", "offers": []"##, "")),
                1,
            )]),
        ),
        ("a kind of product", page(&[&plain.replace("\"Product\"", "\"DietarySupplement\"")])),
        ("entities for quotes", page(&[&plain.replace('"', "&quot;")])),
        (
            "in a comment, with a line end in a text",
            page(&[&format!("//<![CDATA[\n{}\n//]]>", plain.replace("책장", "책\n장"))]),
        ),
        (
            "with other quotes around the type",
            page(&[&plain]).replace("\"application/ld+json\"", "'application/LD+JSON; charset=utf-8' id=x"),
        ),
    ]
}

#[test]
fn each_shape_that_says_the_same_is_quiet() {
    for price in ["79900", "79900.00", "\"79900\"", "\"79,900\"", "\"₩79,900\"", "\"79900.00\""] {
        for (what, html) in shapes(price, "https://schema.org/InStock") {
            let compared = compare(html.as_bytes(), &ROW);
            assert_eq!(compared.found, [], "{what}, {price}: {html}");
            let number = compared.number.expect(what);
            assert!(number.0, "{what}: {number:?}");
        }
    }
}

#[test]
fn an_amount_is_read_as_people_write_it() {
    for (text, expected) in [
        ("124.000", Some(124_000.0)),
        ("1,234,500", Some(1_234_500.0)),
        ("80.000,00", Some(80_000.0)),
        ("1,234.500", Some(1_234.5)),
        ("12.5", Some(12.5)),
        ("79 900", Some(79_900.0)),
        ("79900", Some(79_900.0)),
        ("", None),
    ] {
        assert_eq!(written(text), expected, "{text}");
    }
}

#[test]
fn what_is_commented_out_is_not_said() {
    for (what, html) in shapes("89900", "https://schema.org/InStock") {
        assert_eq!(found(&format!("<!-- {html} -->")), [], "{what}");
        assert_eq!(found(&format!("<!-- old --> {html}")), [(PagePrice, "89900".to_owned())], "{what}");
    }
}

#[test]
fn each_shape_tells_another_price_and_what_is_not_sold() {
    for (what, html) in shapes("89900", "https://schema.org/InStock") {
        assert_eq!(found(&html), [(PagePrice, "89900".to_owned())], "{what}: {html}");
    }
    for sold_out in ["https://schema.org/OutOfStock", "SoldOut", "http://schema.org/Discontinued"] {
        for (what, html) in shapes("79900", sold_out) {
            assert_eq!(found(&html), [(PageNotSold, name(sold_out).to_owned())], "{what}: {html}");
        }
    }
}

#[test]
fn what_cannot_be_compared_says_nothing() {
    let product = |rest: &str| page(&[&format!(r#"{{"@type": "Product", "sku": "50000001"{rest}}}"#)]);
    for (what, html) in [
        ("no JSON-LD", "<html>79,900</html>".to_owned()),
        ("no product", page(&[r#"{"@type": "Organization"}"#])),
        ("broken JSON", page(&[r#"{"@type": "Product", "offers": {"price": 1,"#])),
        ("no JSON at all", page(&["undefined"])),
        (
            "a script that does not end",
            page(&[]) + "<script type=\"application/ld+json\">{\"@type\": \"Product\"",
        ),
        ("no offer", product("")),
        ("an offer without a price", product(r#", "offers": {"@type": "Offer"}"#)),
        ("an empty price", product(r#", "offers": {"price": ""}"#)),
        ("a zero", product(r#", "offers": {"price": 0}"#)),
        ("a word", product(r#", "offers": {"price": "on request"}"#)),
        ("another currency", product(r#", "offers": {"price": 59.9, "priceCurrency": "USD"}"#)),
        ("offers that are a text", product(r#", "offers": "https://shop.example/offer""#)),
        (
            "between two prices",
            product(r#", "offers": {"@type": "AggregateOffer", "lowPrice": "9900", "highPrice": 99900}"#),
        ),
        ("one of several offers", product(r#", "offers": [{"price": 99900}, {"price": 79900}]"#)),
        (
            "one of several is sold",
            product(
                r#", "offers": [{"price": 79900, "availability": "SoldOut"}, {"price": 79900, "availability": "InStock"}]"#,
            ),
        ),
        (
            "only others' products",
            page(&[
                r#"[{"@type": "Product", "sku": "1", "offers": {"price": 1}}, {"@type": "Product", "sku": "2", "offers": {"price": 2}}]"#,
            ]),
        ),
        (
            "a block above the size",
            product(&format!(r#", "description": "{}", "offers": {{"price": 1}}"#, "x".repeat(300_000))),
        ),
        ("brackets without end", page(&[&"[".repeat(200_000)])),
    ] {
        assert_eq!(found(&html), [], "{what}");
    }
}

#[test]
fn a_members_price_and_a_page_that_is_newer_are_remarks_and_a_list_is_another_page() {
    let product = |rest: &str| page(&[&format!(r#"{{"@type": "Product", "sku": "50000001"{rest}}}"#)]);
    let members = r#""validForMemberTier": {"@type": "MemberProgramTier", "name": "Family"}"#;
    for (what, html, kind) in [
        (
            "members' alone",
            product(&format!(r#", "offers": {{"price": 69900, {members}}}"#)),
            Some(PageMembersPrice),
        ),
        (
            "members' beside everybody's",
            product(&format!(r#", "offers": [{{"price": 69900, {members}}}, {{"price": 79900}}]"#)),
            None,
        ),
        (
            "the row has the members'",
            product(&format!(r#", "offers": [{{"price": 79900, {members}}}, {{"price": 99900}}]"#)),
            Some(PageMembersPrice),
        ),
        (
            "a list",
            page(&[
                r#"{"@type": "ItemList", "itemListElement": [{"@type": "Product", "offers": {"price": 1}}]}"#,
            ]),
            Some(PageElsewhere),
        ),
        (
            "a list beside the product",
            page(&[r#"{"@type": "ItemList"}"#, r#"{"@type": "Product", "offers": {"price": 79900}}"#]),
            None,
        ),
    ] {
        let kinds: Vec<_> = found(&html).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, Vec::from_iter(kind), "{what}");
    }
    let since = Some("2026-10-05T15:06:00Z".parse().unwrap());
    for (said, kind) in [
        (r#""dateModified": "2026-10-06T09:00:00+09:00""#, PageNewer),
        (r#""dateModified": "2026-10-05""#, PagePrice),
        (r#""dateModified": "2026-10-07""#, PageNewer),
        (r#""dateModified": "soon""#, PagePrice),
    ] {
        let html = product(&format!(r#", {said}, "offers": {{"price": 89900}}"#));
        let found = compare(html.as_bytes(), &Row { since, ..ROW }).found;
        assert_eq!(found, [(kind, "89900".to_owned())], "{said}");
    }
}

#[test]
fn another_number_is_told_apart() {
    for (said, number) in [
        (r#""sku": "500.000.01""#, Some(true)),
        (r#""sku": 50000001"#, Some(true)),
        (r#""sku": "A-1", "mpn": "50000001""#, Some(true)),
        (r#""identifier": {"@type": "PropertyValue", "value": "50000001"}"#, Some(true)),
        (r#""sku": "50000002""#, Some(false)),
        (r#""name": "책장""#, None),
    ] {
        let html = page(&[&format!(r#"{{"@type": "Product", {said}}}"#)]);
        let compared = compare(html.as_bytes(), &ROW);
        assert_eq!(compared.number.map(|(is_ours, _)| is_ours), number, "{said}");
    }
}

proptest! {
    #[test]
    fn no_page_makes_it_panic(
        parts in prop::collection::vec(prop::sample::select(vec![
            "<script", " type=application/ld+json", ">", "</script>", "{\"@type\":\"Product\"", ",\"offers\":", "[", "{", "}", "]",
            "\"price\":", "\"9", "é", "&quot;", "<![CDATA[", "//", ",", "null", "1e999", "\"@graph\":",
        ]), 0..60),
    ) {
        let _ = compare(parts.concat().as_bytes(), &ROW);
    }
}
