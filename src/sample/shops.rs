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
    pub fn path(self) -> &'static str {
        match self {
            Self::Shopify => "products.json",
            Self::WooCommerce => "wp-json/wc/store/v1/products",
            Self::Merchant => "feed.tsv",
        }
    }

    /// What is set to read it at `base`.
    pub fn url(self, base: &str) -> String {
        match self {
            Self::Shopify | Self::WooCommerce => base.to_owned(),
            Self::Merchant => format!("{base}{}", self.path()),
        }
    }

    /// What it answers to a query at `base`. A page is never larger than the real server's.
    pub fn answer(self, base: &str, query: &HashMap<String, String>) -> String {
        match self {
            Self::Shopify => {
                json!({"products": page(query, "limit", 250).map(shopify).collect::<Vec<_>>()}).to_string()
            }
            Self::WooCommerce => {
                let products: Value = page(query, "per_page", 100).map(|n| woocommerce(n, base)).collect();
                products.to_string()
            }
            Self::Merchant => merchant(base),
        }
    }
}

/// The products of the page that is asked for; without a number the first.
fn page(query: &HashMap<String, String>, size: &str, most: u64) -> Range<u64> {
    let number = |name| query.get(name).and_then(|text| text.parse::<u64>().ok());
    let size = number(size).unwrap_or(10).clamp(1, most);
    let first = number("page").unwrap_or(1).saturating_sub(1).saturating_mul(size);
    first.min(PRODUCTS)..first.saturating_add(size).min(PRODUCTS)
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

/// A product of which each tenth has variations, and each eleventh is out of stock.
fn woocommerce(n: u64, base: &str) -> Value {
    let (kind, thing) = THINGS[n as usize % THINGS.len()];
    let (id, price) = (FIRST_ID + n, (9_000 + n * 100).to_string());
    let varies = n % 10 == 9;
    let variations: Vec<Value> = (0..if varies { 2 } else { 0 })
        .map(|at| json!({"id": FIRST_ID + 5_000 + n * 2 + at, "attributes": [{"name": "Colour", "value": COLOURS[at as usize]}]}))
        .collect();
    json!({
        "id": id, "name": format!("{thing} No. {n}"), "slug": format!("piece-{n}"),
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

/// A table of which each fourth product is on sale, each ninth is sold out, and each fifth has a quote in its title.
fn merchant(base: &str) -> String {
    let mut table =
        "id\ttitle\tdescription\tlink\timage_link\tadditional_image_link\tavailability\tprice\tsale_price\t\
                     brand\tmpn\tproduct_type\tcolor\n"
            .to_owned();
    for n in 0..PRODUCTS {
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
