//! Made-up shops of other kinds, page by page as their servers answer.
//!
//! They never name a real product, and know nothing of how they are read.

use std::{collections::HashMap, ops::Range};

use serde_json::{Value, json};
use strum::{AsRefStr, EnumString, VariantNames};

/// Products of a shop.
const PRODUCTS: u64 = 310;
/// Ids begin here.
const FIRST_ID: u64 = 7_000_001;
/// What there is, in which colours.
const THINGS: [(&str, &str); 6] = [
    ("Lighting", "Lamp"),
    ("Storage", "Basket"),
    ("Table", "Bowl"),
    ("Textiles", "Blanket"),
    ("Office", "Pen Tray"),
    ("Garden", "Planter"),
];
const COLOURS: [&str; 3] = ["Moss", "Sand", "Slate"];

/// A kind of shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, AsRefStr, VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum Shop {
    /// A Shopify storefront.
    Shopify,
    /// WooCommerce's Store API.
    WooCommerce,
    /// A feed for Google Merchant Center.
    Merchant,
}

impl Shop {
    /// Where it is asked, below its address.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Shopify => "products.json",
            Self::WooCommerce => "wp-json/wc/store/v1/products",
            Self::Merchant => "feed.tsv",
        }
    }

    /// What is set to read it at `base`.
    pub(crate) fn url(self, base: &str) -> String {
        match self {
            Self::Shopify | Self::WooCommerce => base.to_owned(),
            Self::Merchant => format!("{base}{}", self.path()),
        }
    }

    /// What it answers to a query at `base`, and its headers. A page is never larger than the real server's.
    pub(crate) fn answer(
        self,
        base: &str,
        query: &HashMap<String, String>,
    ) -> (String, Vec<(&'static str, String)>) {
        match self {
            Self::Shopify => {
                let products: Vec<_> = page(query, "limit", 250, PRODUCTS).map(shopify).collect();
                (json!({ "products": products }).to_string(), Vec::new())
            }
            Self::WooCommerce => {
                let (all, found) = match query.get("type").map(String::as_str) {
                    Some("variation") => variations(query, base),
                    _ => {
                        let products = page(query, "per_page", 100, PRODUCTS);
                        (PRODUCTS, products.map(|n| woocommerce(n, base)).collect())
                    }
                };
                (Value::Array(found).to_string(), vec![("x-wp-total", all.to_string())])
            }
            Self::Merchant => (merchant(base, PRODUCTS), Vec::new()),
        }
    }

    /// So many products as one document, of a shop of any size.
    pub fn document(self, base: &str, products: u64) -> String {
        match self {
            Self::Shopify => json!({ "products": (0..products).map(shopify).collect::<Value>() }).to_string(),
            Self::WooCommerce => (0..products).map(|n| woocommerce(n, base)).collect::<Value>().to_string(),
            Self::Merchant => merchant(base, products),
        }
    }
}

/// The products of the page that is asked for; without a number the first.
fn page(query: &HashMap<String, String>, size: &str, most: u64, of: u64) -> Range<u64> {
    let number = |name| query.get(name).and_then(|text| text.parse::<u64>().ok());
    let size = number(size).unwrap_or(10).clamp(1, most);
    let first = number("page").unwrap_or(1).saturating_sub(1).saturating_mul(size);
    first.min(of)..first.saturating_add(size).min(of)
}

/// A product of which each third has three variants, and of these one that is sold out.
fn shopify(n: u64) -> Value {
    let (kind, thing) = THINGS[n as usize % THINGS.len()];
    let id = FIRST_ID + n * 10;
    let price = 9_000 + n * 100;
    let variants: Vec<Value> = if n.is_multiple_of(3) {
        let variant = |(at, colour): (u64, &&str)| {
            json!({
                "id": id + 1 + at, "title": colour, "option1": colour, "sku": format!("MO-{n}-{at}"),
                "price": format!("{}.00", price + at * 500), "compare_at_price": null,
                "available": at < 2, "featured_image": {"src": image(n, at + 1)}, "grams": 0,
            })
        };
        (0..).zip(&COLOURS).map(variant).collect()
    } else {
        vec![json!({
            "id": id + 1, "title": "Default Title", "option1": "Default Title", "sku": format!("MO-{n}"),
            "price": format!("{price}.00"), "compare_at_price": format!("{}.00", price + 2000),
            "available": true, "featured_image": null, "grams": 0,
        })]
    };
    json!({
        "id": id, "title": format!("{thing} No. {n}"), "handle": format!("piece-{n}"), "body_html": "<p>Made up</p>",
        "vendor": "Moa Atelier", "product_type": kind, "tags": ["made-up"], "variants": variants,
        "images": [{"id": id, "position": 1, "src": image(n, 0), "variant_ids": []}],
        "options": [{"name": "Colour", "position": 1, "values": COLOURS}],
    })
}

/// The variations that are asked for by their ids, or all; of those of one product the second costs more.
fn variations(query: &HashMap<String, String>, base: &str) -> (u64, Vec<Value>) {
    let asked: Option<Vec<u64>> =
        query.get("include").map(|ids| ids.split(',').filter_map(|id| id.trim().parse().ok()).collect());
    let all: Vec<(u64, u64)> = (0..PRODUCTS)
        .filter(|n| varies(*n))
        .flat_map(|n| [(n, 0), (n, 1)])
        .filter(|(n, at)| asked.as_ref().is_none_or(|ids| ids.contains(&variation_id(*n, *at))))
        .collect();
    let count = all.len() as u64;
    let page = page(query, "per_page", 100, count);
    let variation = |(n, at): &(u64, u64)| {
        let mut variation = woocommerce(*n, base);
        let (price, colour) = ((9_000 + n * 100 + at * 700).to_string(), COLOURS[*at as usize]);
        let own = json!({
            "id": variation_id(*n, *at), "parent": FIRST_ID + n, "type": "variation",
            "variation": format!("Colour: {colour}"), "sku": format!("MO-{n}-{at}"),
            "permalink": format!("{base}product/piece-{n}/?attribute_colour={colour}"),
            "categories": [], "brands": [], "variations": [], "has_options": false,
        });
        for (key, value) in own.as_object().into_iter().flatten() {
            variation[key] = value.clone();
        }
        for key in ["price", "regular_price", "sale_price"] {
            variation["prices"][key] = price.as_str().into();
        }
        variation
    };
    (count, all[page.start as usize..page.end as usize].iter().map(variation).collect())
}

/// Whether it has variations.
fn varies(n: u64) -> bool {
    n % 10 == 9
}

fn variation_id(n: u64, at: u64) -> u64 {
    FIRST_ID + 5_000 + n * 2 + at
}

/// A product of which each tenth has variations, and each eleventh is out of stock. One with variations says the lowest
/// of their prices as its own.
fn woocommerce(n: u64, base: &str) -> Value {
    let (kind, thing) = THINGS[n as usize % THINGS.len()];
    let (id, price) = (FIRST_ID + n, (9_000 + n * 100).to_string());
    let varies = varies(n);
    let variations: Vec<Value> = (0..if varies { 2 } else { 0 })
        .map(|at| json!({"id": variation_id(n, at), "attributes": [{"name": "Colour", "value": COLOURS[at as usize]}]}))
        .collect();
    json!({
        "id": id, "name": format!("{thing} No. {n}"), "slug": format!("piece-{n}"), "parent": 0,
        "type": if varies { "variable" } else { "simple" }, "variation": "",
        "permalink": format!("{base}product/piece-{n}/"), "sku": format!("MO-{n}"), "on_sale": false,
        "prices": {
            "price": price, "regular_price": price, "sale_price": price, "price_range": null,
            "currency_code": "KRW", "currency_symbol": "₩", "currency_minor_unit": 0,
        },
        "review_count": n % 7, "images": [{"id": n, "src": image(n, 0), "thumbnail": image(n, 9)}],
        "categories": [{"id": n % 6, "name": kind, "slug": kind.to_lowercase()}],
        "brands": [{"id": 1, "name": "Moa Atelier"}], "variations": variations, "has_options": varies,
        "is_purchasable": true, "is_in_stock": n % 11 != 10,
    })
}

/// A barcode of the digits that no country has; each third product has none, each seventh one that is wrong.
fn gtin(n: u64) -> String {
    if n.is_multiple_of(3) {
        return String::new();
    }
    let digits = format!("29{:010}", FIRST_ID + n);
    let weighed: u32 =
        (0..).zip(digits.bytes()).map(|(at, digit)| u32::from(digit - b'0') * [1, 3][at % 2]).sum();
    let check = (10 - weighed % 10) % 10;
    format!("{digits}{}", if n % 7 == 6 { (check + 1) % 10 } else { check })
}

/// A table of which each fourth product is on sale, each ninth is sold out, and each fifth has a quote in its title.
fn merchant(base: &str, products: u64) -> String {
    let mut table =
        "id\ttitle\tdescription\tlink\timage_link\tadditional_image_link\tavailability\tprice\tsale_price\t\
                     brand\tmpn\tgtin\tproduct_type\tcolor\n"
            .to_owned();
    for n in 0..products {
        let (kind, thing) = THINGS[n as usize % THINGS.len()];
        let price = 9_000 + n * 100;
        let title =
            if n % 5 == 4 { format!("\"{thing} \"\"No. {n}\"\"\"") } else { format!("{thing} No. {n}") };
        let sale = if n % 4 == 3 { format!("{}.00 KRW", price - 500) } else { String::new() };
        let availability = if n % 9 == 8 { "out_of_stock" } else { "in_stock" };
        let row = [
            format!("MO-{n}"),
            title,
            "Made up".to_owned(),
            format!("{base}p/{n}"),
            image(n, 0),
            format!("{},{}", image(n, 1), image(n, 2)),
            availability.to_owned(),
            format!("{price}.00 KRW"),
            sale,
            "Moa Atelier".to_owned(),
            format!("MO-{n}"),
            gtin(n),
            format!("Home > {kind}"),
            COLOURS[n as usize % COLOURS.len()].to_owned(),
        ];
        table.push_str(&row.join("\t"));
        table.push('\n');
    }
    table
}

fn image(n: u64, at: u64) -> String {
    format!("https://images.example/moa/{n}-{at}.jpg")
}
