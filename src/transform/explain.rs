//! A row, column by column, with where each value came from: for people who look at a source for the first time.
//!
//! It never makes a value by itself: the row is the one that the feed would hold.

use super::{Transform, images::images, levels};
use crate::{
    ep::{broken::Broken, columns::Column, row::FEED_COLUMNS},
    price::{self, Offer},
    product::Member,
};

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The column.
    pub column: Column,
    /// The value.
    pub value: String,
    /// Where it came from: fields of the source, settings, or a rule of ours.
    pub from: String,
}

impl Transform {
    /// The row of a product whose price is `offer`, explained; empty values are left out.
    pub fn explained(&self, member: &Member<'_, '_>, offer: &Offer) -> Result<Vec<Explained>, Broken> {
        let row = self.row(member, offer)?;
        let values = FEED_COLUMNS.into_iter().zip(&row.record).filter(|(_, value)| !value.is_empty());
        Ok(values
            .map(|(column, value)| Explained {
                column,
                value: value.to_owned(),
                from: self.from(column, member, offer),
            })
            .collect())
    }

    fn from(&self, column: Column, member: &Member<'_, '_>, offer: &Offer) -> String {
        let of_parent = |field: &str, own: bool| match own {
            true => field.to_owned(),
            false => format!("{field} of its product"),
        };
        // What a variant has by itself.
        let own = Member::listed(member.product);
        match column {
            Column::Id | Column::ManufactureDefineNumber => "itemNo".to_owned(),
            Column::Title => {
                let typed = of_parent("typeName", own.type_name().is_some() || !member.is_variant());
                let prefix = if self.config.title_prefix.is_empty() { "" } else { "EP_TITLE_PREFIX + " };
                format!("{prefix}name + {typed} + validDesignText + itemMeasureReferenceText")
            }
            Column::PricePc | Column::PriceMobile if price::stated(member) == Some(offer.price) => {
                "salesPrice.numeral".to_owned()
            }
            Column::PricePc | Column::PriceMobile => {
                "salesPrice.previous: salesPrice.numeral is for members or stores only".to_owned()
            }
            Column::NormalPrice => "salesPrice.previous".to_owned(),
            Column::Link | Column::MobileLink if self.config.link_params.is_empty() => "pipUrl".to_owned(),
            Column::Link | Column::MobileLink => "pipUrl + EP_LINK_PARAMS".to_owned(),
            Column::ImageLink => images(member).map(|images| images.from.to_string()).unwrap_or_default(),
            Column::AddImageLink => "allProductImage, contextualImageUrl".to_owned(),
            Column::CategoryName1 | Column::CategoryName2 | Column::CategoryName3 | Column::CategoryName4 => {
                of_parent("categoryPath", !levels(&own).is_empty())
            }
            Column::Condition => "always".to_owned(),
            Column::Brand | Column::Maker => "EP_BRAND".to_owned(),
            Column::InstallationCosts => "EP_INSTALLATION_COSTS".to_owned(),
            Column::ReviewCount => "ratingCount".to_owned(),
            Column::Shipping => "EP_SHIPPING".to_owned(),
            Column::DeliveryGrade => "EP_DELIVERY_GRADE".to_owned(),
            Column::DeliveryDetail => "EP_DELIVERY_DETAIL".to_owned(),
            _ => unreachable!("each column of the feed has its line here, which a test proves"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        price::{Price, Restrictions},
        transform::tests::{PRODUCT, config},
    };

    fn explained(json: &str, variant: bool) -> Vec<Explained> {
        let product = serde_json::from_str(json).unwrap();
        let listed = Member::listed(&product);
        let first =
            listed.variants().next().map(|raw| serde_json::from_slice(raw).unwrap()).unwrap_or_default();
        let member = if variant { listed.variant(&first) } else { listed };
        let Price::Offer(offer) = price::of(&member, &Restrictions::default()) else { panic!("{json}") };
        Transform::new(config()).explained(&member, &offer).unwrap()
    }

    #[test]
    fn every_column_that_a_row_can_fill_says_where_it_came_from() {
        let mut all = config();
        all.installation_costs = true;
        let product = serde_json::from_str(PRODUCT).unwrap();
        let member = Member::listed(&product);
        let Price::Offer(offer) = price::of(&member, &Restrictions::default()) else {
            panic!("it has a price")
        };
        let found = Transform::new(all).explained(&member, &offer).unwrap();
        let columns: Vec<_> = found.iter().map(|explained| explained.column).collect();
        assert_eq!(columns, FEED_COLUMNS);
        assert!(found.iter().all(|explained| !explained.from.is_empty()));
        assert_eq!((&*found[2].value, &*found[2].from), ("79900", "salesPrice.numeral"));
    }

    #[test]
    fn what_stands_in_for_what_is_said() {
        let from = |found: &[Explained], column| {
            found.iter().find(|explained| explained.column == column).map(|explained| explained.from.clone())
        };
        let family = PRODUCT.replacen("\"currencyCode\"", "\"tag\": \"FAMILY_PRICE\", \"currencyCode\"", 1);
        let found = explained(&family, false);
        assert!(from(&found, Column::PricePc).unwrap().starts_with("salesPrice.previous: "), "{found:?}");
        let image = PRODUCT.replacen("https://images.example/a_s3.jpg", "a.jpg", 1);
        assert_eq!(from(&explained(&image, false), Column::ImageLink).unwrap(), "allProductImage/0/url");
        let variant = r#"{"itemNo": "1", "name": "N", "typeName": "책장", "categoryPath": [{"name": "수납"}],
            "gprDescription": {"variants": [{"itemNo": "2", "name": "V", "salesPrice": {"numeral": 5},
            "pipUrl": "https://shop.example/2", "mainImageUrl": "https://images.example/2.jpg"}]}}"#;
        let found = explained(variant, true);
        assert_eq!(from(&found, Column::CategoryName1).unwrap(), "categoryPath of its product");
        assert!(from(&found, Column::Title).unwrap().contains("typeName of its product"), "{found:?}");
    }
}
