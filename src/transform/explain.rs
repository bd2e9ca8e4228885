//! A row, column by column, with where each value came from: for people who look at a source for the first time.
//!
//! It never makes a value by itself: the row is the one that the feed would hold.

use super::{Transform, images::images, levels::levels, set};
use crate::{
    corrections::Sets,
    ep::{broken::Broken, columns::Column, row::feed_columns},
    map::Sources,
    price::{self, Offer},
    product::Member,
};

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub column: Column,
    pub value: String,
    /// Where it came from: fields of the source, settings, or a rule of ours.
    pub from: String,
}

impl Transform {
    /// The row of a product whose price is `offer`, in which a table sets something, explained; empty values are left out.
    pub(crate) fn explained(
        &self,
        member: &Member<'_, '_>,
        offer: &Offer,
        sets: Option<Sets<'_>>,
    ) -> Result<Vec<Explained>, Broken> {
        let mut text = String::new();
        let row = self.row(member, offer, &mut text, sets)?.of(&text);
        let values = feed_columns(member.map.has_barcode())
            .iter()
            .copied()
            .zip(row.values())
            .filter(|(_, value)| !value.is_empty());
        Ok(values
            .map(|(column, value)| Explained {
                column,
                value: value.to_owned(),
                from: match sets.and_then(|sets| set(member, sets, column)) {
                    Some((_, line)) => format!("CORRECTIONS_URL, line {line}"),
                    None => self.from(column, member, offer),
                },
            })
            .collect())
    }

    fn from(&self, column: Column, member: &Member<'_, '_>, offer: &Offer) -> String {
        let map = member.map;
        match column {
            Column::Id => said(member, &map.id),
            Column::ManufactureDefineNumber => said(member, &map.mpn),
            Column::Barcode => said(member, &map.gtin),
            Column::Title => self.title_from(member),
            Column::PricePc | Column::PriceMobile if price::stated(member) == Some(offer.price) => {
                said(member, &map.price)
            }
            Column::PricePc | Column::PriceMobile => {
                format!(
                    "{}: {} is for members or stores only",
                    said(member, &map.regular_price),
                    said(member, &map.price)
                )
            }
            Column::NormalPrice => said(member, &map.regular_price),
            Column::Link | Column::MobileLink => {
                let own = Some(&map.mobile_link)
                    .filter(|own| column != Column::Link && member.value(own).is_some());
                let params = if self.config.link_params.is_empty() { "" } else { " + EP_LINK_PARAMS" };
                format!("{}{params}", said(member, own.unwrap_or(&map.link)))
            }
            Column::ImageLink => images(member).map(|images| images.place()).unwrap_or_default(),
            Column::AddImageLink => {
                let places: Vec<_> = map.images.iter().map(ToString::to_string).collect();
                places.join(", ")
            }
            Column::CategoryName1 | Column::CategoryName2 | Column::CategoryName3 | Column::CategoryName4 => {
                let of = if levels(member).many == 0 { " of its product" } else { "" };
                let names: Vec<_> = map.categories.names.iter().map(ToString::to_string).collect();
                format!("{}{of}", names.join(", "))
            }
            Column::Condition => "always".to_owned(),
            Column::Brand | Column::Maker if self.config.brand.is_some() => "EP_BRAND".to_owned(),
            Column::Brand | Column::Maker => said(member, &map.brand),
            Column::InstallationCosts => "EP_INSTALLATION_COSTS".to_owned(),
            Column::ReviewCount => said(member, &map.rating_count),
            Column::Shipping => "EP_SHIPPING".to_owned(),
            Column::DeliveryGrade => "EP_DELIVERY_GRADE".to_owned(),
            Column::DeliveryDetail => "EP_DELIVERY_DETAIL".to_owned(),
            _ => unreachable!("each column of the feed has its line here, which a test proves"),
        }
    }

    fn title_from(&self, member: &Member<'_, '_>) -> String {
        let map = member.map;
        let parts = map.title.iter().filter(|sources| member.text(sources).is_some());
        let parts: Vec<_> = parts.map(|sources| said(member, sources)).collect();
        let prefix = match &self.config.title_prefix {
            Some(own) if own.is_empty() => String::new(),
            Some(_) => "EP_TITLE_PREFIX + ".to_owned(),
            None if map.title_prefix.is_empty() => String::new(),
            None => format!("={} + ", map.title_prefix),
        };
        format!("{prefix}{}", parts.join(" + "))
    }
}

/// The source that says it; all of them where none does.
fn said(member: &Member<'_, '_>, sources: &Sources) -> String {
    match member.said_by(sources) {
        Some(source) => source.to_string(),
        None => sources.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        preset::first,
        price::Price,
        product::Product,
        transform::tests::{PRODUCT, config},
    };

    fn explained(json: &str, variant: bool) -> Vec<Explained> {
        let map = first().map().unwrap();
        let product = Product::read(&map, json.as_bytes()).unwrap();
        let listed = Member::listed(&map, &product);
        let first = Product::read(&map, listed.variants().next().unwrap_or(b"{}")).unwrap();
        let member = if variant { listed.variant(&first) } else { listed };
        let Price::Offer(offer) = price::of(&member) else { panic!("{json}") };
        Transform::new(config()).explained(&member, &offer, None).unwrap()
    }

    #[test]
    fn every_column_that_a_row_can_fill_says_where_it_came_from() {
        let mut all = config();
        all.installation_costs = true;
        let map = first().map().unwrap();
        let product = Product::read(&map, PRODUCT.as_bytes()).unwrap();
        let member = Member::listed(&map, &product);
        let Price::Offer(offer) = price::of(&member) else { panic!("it has a price") };
        let found = Transform::new(all).explained(&member, &offer, None).unwrap();
        let columns: Vec<_> = found.iter().map(|explained| explained.column).collect();
        assert_eq!(columns, feed_columns(false));
        assert!(found.iter().all(|explained| !explained.from.is_empty()));
        assert_eq!((&*found[2].value, &*found[2].from), ("79900", "/salesPrice/numeral"));
    }

    #[test]
    fn what_stands_in_for_what_is_said() {
        let from = |found: &[Explained], column| {
            found.iter().find(|explained| explained.column == column).map(|explained| explained.from.clone())
        };
        let family = PRODUCT.replacen("\"currencyCode\"", "\"tag\": \"FAMILY_PRICE\", \"currencyCode\"", 1);
        let found = explained(&family, false);
        assert!(
            from(&found, Column::PricePc).unwrap().starts_with("/salesPrice/previous/wholeNumber: "),
            "{found:?}"
        );
        let image = PRODUCT.replacen("https://images.example/a_s3.jpg", "a.jpg", 1);
        assert_eq!(from(&explained(&image, false), Column::ImageLink).unwrap(), "/allProductImage/0/url");
        let variant = r#"{"itemNo": "1", "name": "N", "typeName": "책장", "categoryPath": [{"name": "수납"}],
            "gprDescription": {"variants": [{"itemNo": "2", "name": "V", "salesPrice": {"numeral": 5},
            "pipUrl": "https://shop.example/2", "mainImageUrl": "https://images.example/2.jpg"}]}}"#;
        let found = explained(variant, true);
        assert_eq!(from(&found, Column::CategoryName1).unwrap(), "/categoryPath/*/name of its product");
        assert!(from(&found, Column::Title).unwrap().contains(" + ../typeName"), "{found:?}");
    }
}
