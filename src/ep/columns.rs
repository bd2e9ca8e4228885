//! The columns of an EP file and the rule of each: one table for the writer and for the verifier.
//!
//! Source: the EP 3.0 guide, whole and summary EP. It never changes a value (that is `ep::text`) and knows
//! nothing of products.

use super::rules::Rule;

/// Whether a column must be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Each row needs a value, and a file without the column is refused.
    Required,
    /// Where it applies to the product; else empty.
    WhereItApplies,
    /// Recommended.
    Optional,
    /// A newer name that live feeds carry; accepted as known, its content is not judged.
    Newer,
}

/// One column of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name in the header, lower case.
    pub name: &'static str,
    /// Whether it must be filled.
    pub need: Need,
    /// The most characters (not bytes) of a value.
    pub max: usize,
    /// What a value must look like.
    pub rule: Rule,
}

use Need::{Newer, Optional, Required, WhereItApplies};

const fn column(name: &'static str, need: Need, max: usize, rule: Rule) -> Column {
    Column { name, need, max, rule }
}

/// `Y` or empty.
const FLAG: Rule = Rule::OneOf(&["Y"]);

/// Every column that the guide or a live feed names, in the guide's order.
pub static COLUMNS: [Column; 66] = [
    column("id", Required, 50, Rule::Id),
    column("title", Required, 100, Rule::Text),
    column("price_pc", Required, 10, Rule::Price),
    column("price_mobile", Optional, 10, Rule::Price),
    column("normal_price", Optional, 10, Rule::Price),
    column("link", Required, 255, Rule::Link),
    column("mobile_link", Optional, 255, Rule::Link),
    column("image_link", Required, 255, Rule::Link),
    column("add_image_link", Optional, 2000, Rule::Links { most: 10 }),
    column("category_name1", Required, 50, Rule::Text),
    column("category_name2", Optional, 50, Rule::Text),
    column("category_name3", Optional, 50, Rule::Text),
    column("category_name4", Optional, 50, Rule::Text),
    column("naver_category", Optional, 8, Rule::ExactDigits(8)),
    column("naver_product_id", Optional, 50, Rule::Text),
    column(
        "condition",
        WhereItApplies,
        10,
        Rule::OneOf(&["신상품", "중고", "리퍼", "전시", "반품", "스크래치"]),
    ),
    column("import_flag", WhereItApplies, 1, FLAG),
    column("parallel_import", WhereItApplies, 1, FLAG),
    column("order_made", WhereItApplies, 1, FLAG),
    column(
        "product_flag",
        WhereItApplies,
        10,
        Rule::OneOf(&["도매", "렌탈", "대여", "할부", "예약판매", "구매대행"]),
    ),
    column("adult", WhereItApplies, 1, FLAG),
    column("goods_type", Optional, 10, Rule::OneOf(&["DP", "HS", "DF", "MA"])),
    column("barcode", Optional, 13, Rule::Gtin),
    column("manufacture_define_number", Optional, 100, Rule::Text),
    column("model_number", Optional, 60, Rule::Text),
    column("brand", Optional, 60, Rule::Text),
    column("maker", Optional, 60, Rule::Text),
    column("origin", Optional, 30, Rule::Text),
    column("card_event", Optional, 100, Rule::Text),
    column("event_words", Optional, 100, Rule::Text),
    column("coupon", Optional, 100, Rule::Text),
    column("partner_coupon_download", Optional, 1, FLAG),
    column("interest_free_event", Optional, 100, Rule::Text),
    column("point", Optional, 50, Rule::Text),
    column("installation_costs", WhereItApplies, 1, FLAG),
    column("search_tag", Optional, 100, Rule::Tags { most: 10 }),
    column("group_id", Optional, 50, Rule::Alphanumeric),
    column("vendor_id", Optional, 500, Rule::Text),
    column("coordi_id", Optional, 500, Rule::Text),
    column("minimum_purchase_quantity", WhereItApplies, 10, Rule::Digits),
    column("review_count", Optional, 10, Rule::Digits),
    column("shipping", Required, 7, Rule::Integer { least: -1, most: 1_000_000 }),
    column("delivery_grade", WhereItApplies, 1, FLAG),
    column("delivery_detail", Optional, 100, Rule::Text),
    column("attribute", Optional, 500, Rule::Text),
    column("option_detail", Optional, 1000, Rule::Options { most: 50 }),
    column("seller_id", Optional, 50, Rule::Text),
    column("age_group", Optional, 10, Rule::OneOf(&["유아", "아동", "청소년", "성인"])),
    column("gender", Optional, 10, Rule::OneOf(&["남성", "여성", "남녀공용"])),
    column("class", WhereItApplies, 1, Rule::OneOf(&["I", "U", "D"])),
    column("update_time", WhereItApplies, 19, Rule::DateTime),
    newer("benefit_price"),
    newer("video_url"),
    newer("product_option_id"),
    newer("brand_certification"),
    newer("rental_info"),
    newer("shipping_settings"),
    newer("fast_delivery"),
    newer("regular_delivery"),
    newer("dawn_delivery"),
    newer("isbn"),
    newer("unit_price"),
    newer("color_code"),
    newer("npay_unable"),
    newer("npay_unable_acum"),
    newer("satisfylevel"),
];

const fn newer(name: &'static str) -> Column {
    column(name, Newer, usize::MAX, Rule::Anything)
}

/// The column of that name, if any guide or live feed knows it.
pub fn known(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|c| c.name == name)
}

/// Every column that a file must have.
pub fn required() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|c| c.need == Required)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_stands_twice_in_the_table() {
        for (i, column) in COLUMNS.iter().enumerate() {
            assert_eq!(COLUMNS.iter().position(|c| c.name == column.name), Some(i), "{}", column.name);
        }
    }

    #[test]
    fn seven_columns_are_required() {
        let names: Vec<_> = required().map(|c| c.name).collect();
        assert_eq!(names, ["id", "title", "price_pc", "link", "image_link", "category_name1", "shipping"]);
    }
}
