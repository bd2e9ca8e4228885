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

/// What Naver does with a value that breaks its column's rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// It refuses the row.
    Refused,
    /// It takes the row without the value, or with another one: an unknown `condition` counts as `신상품`.
    Ignored,
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
    /// What becomes of a row whose value does not; what holds for any column is `rules::breach`'s to say.
    pub breach: Breach,
}

use Need::{Newer, Optional, Required, WhereItApplies};

/// A column whose value the row needs, or that says what people pay and where they buy.
const fn column(name: &'static str, need: Need, max: usize, rule: Rule) -> Column {
    Column { name, need, max, rule, breach: Breach::Refused }
}

/// A column that the row can do without.
const fn extra(name: &'static str, need: Need, max: usize, rule: Rule) -> Column {
    Column { name, need, max, rule, breach: Breach::Ignored }
}

/// `Y` or empty.
const FLAG: Rule = Rule::OneOf(&["Y"]);

/// Every column that the guide or a live feed names, in the guide's order.
pub static COLUMNS: [Column; 67] = [
    column("id", Required, 50, Rule::Id),
    column("title", Required, 100, Rule::Text),
    column("price_pc", Required, 10, Rule::Price),
    column("price_mobile", Optional, 10, Rule::Price),
    extra("normal_price", Optional, 10, Rule::Price),
    column("link", Required, 255, Rule::Link),
    column("mobile_link", Optional, 255, Rule::Link),
    column("image_link", Required, 255, Rule::Link),
    extra("add_image_link", Optional, 2560, Rule::Links { most: 10 }),
    column("category_name1", Required, 50, Rule::Text),
    extra("category_name2", Optional, 50, Rule::Text),
    extra("category_name3", Optional, 50, Rule::Text),
    extra("category_name4", Optional, 50, Rule::Text),
    extra("naver_category", Optional, 8, Rule::ExactDigits(8)),
    extra("naver_product_id", Optional, 50, Rule::Text),
    extra(
        "condition",
        WhereItApplies,
        10,
        Rule::OneOf(&["신상품", "중고", "리퍼", "전시", "반품", "스크래치"]),
    ),
    extra("import_flag", WhereItApplies, 1, FLAG),
    extra("parallel_import", WhereItApplies, 1, FLAG),
    extra("order_made", WhereItApplies, 1, FLAG),
    extra(
        "product_flag",
        WhereItApplies,
        10,
        Rule::OneOf(&["도매", "렌탈", "대여", "할부", "예약판매", "구매대행"]),
    ),
    extra("adult", WhereItApplies, 1, FLAG),
    extra("goods_type", Optional, 10, Rule::OneOf(&["DP", "HS", "DF", "MA"])),
    extra("barcode", Optional, 13, Rule::Gtin),
    extra("manufacture_define_number", Optional, 100, Rule::Text),
    extra("model_number", Optional, 60, Rule::Text),
    extra("brand", Optional, 60, Rule::Text),
    extra("maker", Optional, 60, Rule::Text),
    extra("origin", Optional, 30, Rule::Text),
    extra("card_event", Optional, 100, Rule::Text),
    extra("event_words", Optional, 100, Rule::Text),
    extra("coupon", Optional, 100, Rule::Text),
    extra("partner_coupon_download", Optional, 1, FLAG),
    extra("interest_free_event", Optional, 100, Rule::Text),
    extra("point", Optional, 50, Rule::Text),
    extra("installation_costs", WhereItApplies, 1, FLAG),
    extra("pre_match_code", Optional, 100, Rule::Text),
    extra("search_tag", Optional, 100, Rule::Tags { most: 10 }),
    extra("group_id", Optional, 50, Rule::Alphanumeric),
    extra("vendor_id", Optional, 500, Rule::Text),
    extra("coordi_id", Optional, 500, Rule::Text),
    extra("minimum_purchase_quantity", WhereItApplies, 10, Rule::Digits),
    extra("review_count", Optional, 10, Rule::Digits),
    column("shipping", Required, 7, Rule::Integer { least: -1, most: 1_000_000 }),
    extra("delivery_grade", WhereItApplies, 1, FLAG),
    extra("delivery_detail", Optional, 100, Rule::Text),
    extra("attribute", Optional, 500, Rule::Text),
    extra("option_detail", Optional, 1000, Rule::Options { most: 50 }),
    extra("seller_id", Optional, 50, Rule::Text),
    extra("age_group", Optional, 10, Rule::OneOf(&["유아", "아동", "청소년", "성인"])),
    extra("gender", Optional, 10, Rule::OneOf(&["남성", "여성", "남녀공용"])),
    column("class", WhereItApplies, 1, Rule::OneOf(&["I", "U", "D"])),
    column("update_time", WhereItApplies, 19, Rule::DateTime),
    extra("satisfylevel", Optional, 10, Rule::Decimal),
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
];

const fn newer(name: &'static str) -> Column {
    extra(name, Newer, usize::MAX, Rule::Anything)
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
