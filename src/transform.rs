//! A product of the source → a row of the feed that keeps every rule, or the rule that it would break.
//!
//! It never leaves a product out on purpose: that is the filter's work.

use std::borrow::Cow;

use url::Url;

use crate::{
    config::ep::EpConfig,
    ep::{
        row::{Broken, FEED_COLUMNS, Row, RowWriter},
        rules::Violation,
        text::{clean, cut},
    },
    filter::images,
    price::Offer,
    product::Product,
};

/// The most characters of a title.
const TITLE: usize = 100;
/// The most characters of a category's name.
const CATEGORY: usize = 50;
/// The most levels of categories that a row names.
const LEVELS: usize = 4;
/// The most further images of a row.
const IMAGES: usize = 10;
/// The most characters of all further images together.
const IMAGES_LENGTH: usize = 2000;

/// Turns products into rows.
pub struct Transform {
    config: EpConfig,
    writer: RowWriter,
    shipping: String,
}

impl Transform {
    /// With these settings.
    pub fn new(config: EpConfig) -> Self {
        Self { shipping: config.shipping.to_string(), config, writer: RowWriter::new() }
    }

    /// The row of a product whose price is `offer`.
    pub fn row(&self, product: &Product<'_>, offer: &Offer) -> Result<Row, Broken> {
        let id = clean(product.item_no.text().unwrap_or_default());
        self.currency(product)?;
        let price = whole_price(offer)?;
        let link = self.link(product)?;
        let mut pictures = images(product);
        let image = image_link(pictures.next().unwrap_or_default())?;
        let more_images = further_images(&image, pictures);
        let categories = categories(product);
        // A list price that cannot be true is left out: it is not worth losing the product.
        let normal =
            offer.normal.filter(|n| *n as f64 <= MOST_PRICE).map(|n| n.to_string()).unwrap_or_default();
        let reviews = review_count(product);
        let flag = |on: bool| if on { "Y" } else { "" };

        let mut record = csv::StringRecord::with_capacity(1024, FEED_COLUMNS.len());
        let mut put = |name: &'static str, value: &str| self.writer.put(&mut record, name, value);
        put("id", &id)?;
        put("title", &self.title(product))?;
        put("price_pc", &price.text)?;
        put("price_mobile", &price.text)?;
        put("normal_price", &normal)?;
        put("link", &link)?;
        put("mobile_link", &link)?;
        put("image_link", &image)?;
        put("add_image_link", &more_images)?;
        for (i, name) in
            ["category_name1", "category_name2", "category_name3", "category_name4"].iter().enumerate()
        {
            put(name, categories.get(i).map_or("", |c| cut(c, CATEGORY)))?;
        }
        put("condition", "신상품")?;
        put("manufacture_define_number", &id)?;
        put("brand", &self.config.brand)?;
        put("maker", &self.config.brand)?;
        put("installation_costs", flag(self.config.installation_costs))?;
        put("review_count", &reviews)?;
        put("shipping", &self.shipping)?;
        put("delivery_grade", flag(self.config.delivery_grade))?;
        put("delivery_detail", &self.config.delivery_detail)?;
        Ok(Row { record, price: price.amount })
    }

    fn currency(&self, product: &Product<'_>) -> Result<(), Broken> {
        let code = product.sales_price.0.as_ref().and_then(|p| p.currency_code.text());
        match code {
            Some(code) if code != self.config.currency => {
                Err(Broken { column: "price_pc", violation: Violation::Currency, value: code.to_owned() })
            }
            _ => Ok(()),
        }
    }

    fn title(&self, product: &Product<'_>) -> String {
        let parts = [
            product.name.text(),
            product.type_name.text(),
            product.valid_design_text.text(),
            product.item_measure_reference_text.text(),
        ];
        let mut title = self.config.title_prefix.clone();
        for part in parts.into_iter().flatten().map(clean).filter(|part| !part.is_empty()) {
            if !title.is_empty() {
                title.push(' ');
            }
            title.push_str(&part);
        }
        // Two clean parts can join to markup (`a <b` and `c>`), so the whole is cleaned once more.
        let whole = clean(&title);
        cut(&whole, TITLE).to_owned()
    }

    fn link(&self, product: &Product<'_>) -> Result<String, Broken> {
        let raw = product.pip_url.text().unwrap_or_default();
        let mut url = http_url("link", raw)?;
        if !self.config.link_params.is_empty() {
            let query = match url.query().filter(|q| !q.is_empty()) {
                Some(query) => format!("{query}&{}", self.config.link_params),
                None => self.config.link_params.clone(),
            };
            url.set_query(Some(&query));
        }
        Ok(url.into())
    }
}

struct WholePrice {
    amount: u64,
    text: String,
}

/// The largest amount of ten digits; above it a price breaks its column's length.
const MOST_PRICE: f64 = 9_999_999_999.0;

fn whole_price(offer: &Offer) -> Result<WholePrice, Broken> {
    let broken = |violation| Broken { column: "price_pc", violation, value: offer.price.to_string() };
    if offer.price.fract() != 0.0 {
        return Err(broken(Violation::NotWhole));
    }
    if offer.price > MOST_PRICE {
        return Err(broken(Violation::TooLong));
    }
    // The filter kept it at 1 or more, and it is whole and below 2^53: exact.
    let amount = offer.price as u64;
    Ok(WholePrice { amount, text: amount.to_string() })
}

/// Parsing percent-encodes what is not ASCII and drops TAB and line breaks.
fn http_url(column: &'static str, raw: &str) -> Result<Url, Broken> {
    match Url::parse(raw) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(Broken { column, violation: Violation::NotHttp, value: raw.to_owned() }),
    }
}

fn image_link(raw: &str) -> Result<String, Broken> {
    http_url("image_link", &raised(raw)).map(String::from)
}

/// The image in a size that may be shown: a suffix below `_s4` (500 px) becomes `_s5` (2000 px).
fn raised(raw: &str) -> Cow<'_, str> {
    let (stem, end) = match raw.rfind('.') {
        Some(dot) if dot > raw.rfind('/').unwrap_or(0) => raw.split_at(dot),
        _ => (raw, ""),
    };
    match stem.as_bytes() {
        [.., b'_', b's', b'1'..=b'3'] => format!("{}5{end}", &stem[..stem.len() - 1]).into(),
        _ => raw.into(),
    }
}

/// Further images joined by `|`: as many as fit, none twice, those that are no URLs left out.
fn further_images<'p>(main: &str, pictures: impl Iterator<Item = &'p str>) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut length = 0;
    for url in pictures.filter_map(|raw| image_link(raw).ok()) {
        let fits = length + url.len() <= IMAGES_LENGTH && url.len() <= 255 && !url.contains('|');
        if fits && url != main && !kept.contains(&url) {
            length += url.len() + 1;
            kept.push(url);
            if kept.len() == IMAGES {
                break;
            }
        }
    }
    kept.join("|")
}

/// The category's levels, outermost first, without the "all products" level where there are more than four.
fn categories<'p>(product: &'p Product<'_>) -> Vec<Cow<'p, str>> {
    let mut names: Vec<_> = product
        .category_path
        .list()
        .iter()
        .filter_map(|level| level.name.text())
        .map(clean)
        .filter(|name| !name.is_empty())
        .collect();
    if names.len() > LEVELS {
        names.remove(0);
        names.truncate(LEVELS);
    }
    names
}

fn review_count(product: &Product<'_>) -> String {
    match product.rating_count.0 {
        Some(count) if count >= 0.0 && count.fract() == 0.0 && count <= MOST_PRICE => {
            (count as u64).to_string()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn config() -> EpConfig {
        EpConfig {
            brand: "IKEA".into(),
            title_prefix: "이케아".into(),
            shipping: 3000,
            delivery_grade: true,
            delivery_detail: "지역별 차등".into(),
            installation_costs: false,
            link_params: "utm_source=naver".into(),
            max_rows: 10,
            currency: "KRW".into(),
        }
    }

    fn row(json: &str) -> Result<Vec<String>, String> {
        let product: Product<'_> = serde_json::from_str(json).unwrap();
        let offer = Offer::of(product.sales_price.0.as_ref().unwrap()).unwrap();
        Transform::new(config())
            .row(&product, &offer)
            .map(|row| row.record.iter().map(str::to_owned).collect())
            .map_err(|broken| broken.rule())
    }

    const PRODUCT: &str = r#"{"itemNo": "00012345", "name": "NOVAR 노바르", "typeName": "책장", "validDesignText": "화이트",
        "itemMeasureReferenceText": "80x28x202 cm", "salesPrice": {"numeral": 79900.0, "currencyCode": "KRW",
        "previous": {"wholeNumber": "99,900"}}, "pipUrl": "https://shop.example/p/책장-1?a=b#top",
        "mainImageUrl": "https://images.example/a_s3.jpg", "contextualImageUrl": "https://images.example/room.jpg",
        "allProductImage": [{"url": "https://images.example/a_s5.jpg"}, {"url": "https://images.example/b_s1.jpg"}, {"url": "nope"}],
        "categoryPath": [{"name": "모든 제품"}, {"name": "수납"}, {"name": "책장"}, {"name": "높은 책장"}, {"name": "흰색"}],
        "ratingCount": 12}"#;

    #[test]
    fn a_product_becomes_the_row_that_the_mapping_says() {
        let link = "https://shop.example/p/%EC%B1%85%EC%9E%A5-1?a=b&utm_source=naver#top";
        assert_eq!(
            row(PRODUCT).unwrap(),
            [
                "00012345",
                "이케아 NOVAR 노바르 책장 화이트 80x28x202 cm",
                "79900",
                "79900",
                "99900",
                link,
                link,
                "https://images.example/a_s5.jpg",
                "https://images.example/b_s5.jpg|https://images.example/room.jpg",
                "수납",
                "책장",
                "높은 책장",
                "흰색",
                "신상품",
                "00012345",
                "IKEA",
                "IKEA",
                "",
                "12",
                "3000",
                "Y",
                "지역별 차등",
            ]
        );
    }

    #[test]
    fn a_row_that_would_break_a_rule_names_it() {
        let long = format!("https://shop.example/{}", "a".repeat(255));
        let cases = [
            ("\"00012345\"", "\"책장\"", "id: characters"),
            ("79900.0", "79900.5", "price_pc: not_whole"),
            ("79900.0", "12345678901", "price_pc: too_long"),
            ("\"KRW\"", "\"SEK\"", "price_pc: currency"),
            ("https://shop.example/p/책장-1?a=b#top", "/p/1", "link: not_http"),
            ("https://shop.example/p/책장-1?a=b#top", &long, "link: too_long"),
            ("https://images.example/a_s3.jpg", "a.jpg", "image_link: not_http"),
            ("\"categoryPath\"", "\"other\"", "category_name1: required"),
        ];
        for (from, to, rule) in cases {
            assert!(PRODUCT.contains(from), "{from}");
            assert_eq!(row(&PRODUCT.replace(from, to)).unwrap_err(), rule, "{to}");
        }
    }

    #[test]
    fn only_small_images_are_raised() {
        let cases = [
            ("https://i.example/a_s1.jpg", "https://i.example/a_s5.jpg"),
            ("https://i.example/a_s3", "https://i.example/a_s5"),
            ("https://i.example/a_s4.jpg", "https://i.example/a_s4.jpg"),
            ("https://i.example/a_s31.jpg", "https://i.example/a_s31.jpg"),
            ("https://i.example/a.jpg", "https://i.example/a.jpg"),
        ];
        for (raw, expected) in cases {
            assert_eq!(raised(raw), expected);
        }
    }

    proptest! {
        #[test]
        fn no_value_can_break_a_row(
            id in prop_oneof!["[0-9A-Za-z_-]{1,50}", any::<String>()], name in any::<String>(), design in any::<String>(),
            url in "https://[a-z]{1,5}\\.example/\\PC{0,40}", category in prop_oneof!["\\PC{1,30}", any::<String>()],
            price in prop_oneof![any::<f64>(), (1u32..1_000_000).prop_map(f64::from)],
        ) {
            let product = serde_json::json!({
                "itemNo": id, "name": name, "validDesignText": design, "pipUrl": url, "mainImageUrl": url,
                "allProductImage": [{"url": format!("{url}?{design}")}], "salesPrice": {"numeral": price},
                "categoryPath": [{"name": category}],
            }).to_string();
            let product: Product<'_> = serde_json::from_str(&product).unwrap();
            let Some(offer) = product.sales_price.0.as_ref().and_then(Offer::of) else { return Ok(()) };
            let Ok(row) = Transform::new(config()).row(&product, &offer) else { return Ok(()) };
            let mut file = crate::ep::save::TsvWriter::new(FEED_COLUMNS);
            file.row(&row.record);
            let bytes = file.finish().last;
            let lines: Vec<_> = bytes.strip_suffix(b"\n").unwrap().split(|b| *b == b'\n').collect();
            prop_assert_eq!(lines.len(), 2);
            let fields: Vec<_> = lines[1].split(|b| *b == b'\t').collect();
            let expected: Vec<_> = row.record.iter().map(str::as_bytes).collect();
            prop_assert_eq!(fields, expected);
        }
    }
}
