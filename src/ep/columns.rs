//! The columns of an EP file and the rule of each: one table for the writer and for the verifier.
//!
//! Source: the EP 3.0 guide, whole and summary EP. It never changes a value (that is `ep::text`) and knows
//! nothing of products.

use strum::{AsRefStr, Display, EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

use super::rules::{Rule, Violation};

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
pub enum Reaction {
    /// It refuses the row: the row needs the value, or it says what people pay and where they buy.
    Refused,
    /// It takes the row without the value, or with another one: an unknown `condition` counts as `신상품`.
    Ignored,
}

/// What the guide says of a column.
#[derive(Debug)]
struct Terms {
    need: Need,
    /// The most characters (not bytes) of a value.
    most: usize,
    rule: Rule,
    reaction: Reaction,
}

/// Makes the set of columns, and what is known of each, of one table.
macro_rules! columns {
    ($($column:ident: $need:ident, $most:expr, $rule:expr, $reaction:ident;)*) => {
        /// Every column that the guide or a live feed names, in the guide's order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, AsRefStr, Display, EnumIter, EnumString, IntoStaticStr)]
        #[strum(serialize_all = "snake_case")]
        pub enum Column {
            $($column,)*
        }

        static TERMS: &[Terms] =
            &[$(Terms { need: Need::$need, most: $most, rule: $rule, reaction: Reaction::$reaction },)*];
    };
}

use Rule::*;

/// `Y` or empty.
const FLAG: Rule = OneOf(&["Y"]);

// A column, whether it must be filled, the most characters, its rule, and what becomes of a row whose value breaks it.
columns! {
    Id: Required, 50, Id, Refused;
    Title: Required, 100, Text, Refused;
    PricePc: Required, 10, Price, Refused;
    PriceMobile: Optional, 10, Price, Refused;
    NormalPrice: Optional, 10, Price, Ignored;
    Link: Required, 255, Link, Refused;
    MobileLink: Optional, 255, Link, Refused;
    ImageLink: Required, 255, Link, Refused;
    AddImageLink: Optional, 2560, Links { most: 10 }, Ignored;
    CategoryName1: Required, 50, Text, Refused;
    CategoryName2: Optional, 50, Text, Ignored;
    CategoryName3: Optional, 50, Text, Ignored;
    CategoryName4: Optional, 50, Text, Ignored;
    NaverCategory: Optional, 8, ExactDigits(8), Ignored;
    NaverProductId: Optional, 50, Text, Ignored;
    Condition: WhereItApplies, 10, OneOf(&["신상품", "중고", "리퍼", "전시", "반품", "스크래치"]), Ignored;
    ImportFlag: WhereItApplies, 1, FLAG, Ignored;
    ParallelImport: WhereItApplies, 1, FLAG, Ignored;
    OrderMade: WhereItApplies, 1, FLAG, Ignored;
    ProductFlag: WhereItApplies, 10, OneOf(&["도매", "렌탈", "대여", "할부", "예약판매", "구매대행"]), Ignored;
    Adult: WhereItApplies, 1, FLAG, Ignored;
    GoodsType: Optional, 10, OneOf(&["DP", "HS", "DF", "MA"]), Ignored;
    Barcode: Optional, 13, Gtin, Ignored;
    ManufactureDefineNumber: Optional, 100, Text, Ignored;
    ModelNumber: Optional, 60, Text, Ignored;
    Brand: Optional, 60, Text, Ignored;
    Maker: Optional, 60, Text, Ignored;
    Origin: Optional, 30, Text, Ignored;
    CardEvent: Optional, 100, Text, Ignored;
    EventWords: Optional, 100, Text, Ignored;
    Coupon: Optional, 100, Text, Ignored;
    PartnerCouponDownload: Optional, 1, FLAG, Ignored;
    InterestFreeEvent: Optional, 100, Text, Ignored;
    Point: Optional, 50, Text, Ignored;
    InstallationCosts: WhereItApplies, 1, FLAG, Ignored;
    PreMatchCode: Optional, 100, Text, Ignored;
    SearchTag: Optional, 100, Tags { most: 10 }, Ignored;
    GroupId: Optional, 50, Alphanumeric, Ignored;
    VendorId: Optional, 500, Text, Ignored;
    CoordiId: Optional, 500, Text, Ignored;
    MinimumPurchaseQuantity: WhereItApplies, 10, Digits, Ignored;
    ReviewCount: Optional, 10, Digits, Ignored;
    Shipping: Required, 7, Integer { least: -1, most: 1_000_000 }, Refused;
    DeliveryGrade: WhereItApplies, 1, FLAG, Ignored;
    DeliveryDetail: Optional, 100, Text, Ignored;
    Attribute: Optional, 500, Text, Ignored;
    OptionDetail: Optional, 1000, Options { most: 50 }, Ignored;
    SellerId: Optional, 50, Text, Ignored;
    AgeGroup: Optional, 10, OneOf(&["유아", "아동", "청소년", "성인"]), Ignored;
    Gender: Optional, 10, OneOf(&["남성", "여성", "남녀공용"]), Ignored;
    Class: WhereItApplies, 1, OneOf(&["I", "U", "D"]), Refused;
    UpdateTime: WhereItApplies, 19, DateTime, Refused;
    Satisfylevel: Optional, 10, Decimal, Ignored;
    BenefitPrice: Newer, usize::MAX, Anything, Ignored;
    VideoUrl: Newer, usize::MAX, Anything, Ignored;
    ProductOptionId: Newer, usize::MAX, Anything, Ignored;
    BrandCertification: Newer, usize::MAX, Anything, Ignored;
    RentalInfo: Newer, usize::MAX, Anything, Ignored;
    ShippingSettings: Newer, usize::MAX, Anything, Ignored;
    FastDelivery: Newer, usize::MAX, Anything, Ignored;
    RegularDelivery: Newer, usize::MAX, Anything, Ignored;
    DawnDelivery: Newer, usize::MAX, Anything, Ignored;
    Isbn: Newer, usize::MAX, Anything, Ignored;
    UnitPrice: Newer, usize::MAX, Anything, Ignored;
    ColorCode: Newer, usize::MAX, Anything, Ignored;
    NpayUnable: Newer, usize::MAX, Anything, Ignored;
    NpayUnableAcum: Newer, usize::MAX, Anything, Ignored;
}

impl Column {
    /// The name in the header.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// What its values must look like.
    pub(crate) fn rule(self) -> Rule {
        self.terms().rule
    }

    /// Whether a value that another column takes, and that is not empty, is taken by this one, too.
    pub(crate) fn takes_what(self, other: Self) -> bool {
        self.rule() == other.rule() && self.terms().most >= other.terms().most
    }

    /// Every column that a file must have.
    pub(crate) fn required() -> impl Iterator<Item = Self> {
        Self::iter().filter(|column| column.terms().need == Need::Required)
    }

    /// Judges one of its values.
    pub(crate) fn check(self, value: &str) -> Result<(), Violation> {
        if self.is_plain(value) { Ok(()) } else { self.judge(value) }
    }

    /// Whether a value is sound at a glance: it keeps its column's rule, and where content is judged it holds nothing
    /// that our own writer never leaves in one (an entity, a character that nobody sees, a private network's host). `false`
    /// only means that it is not sure.
    #[inline]
    pub(crate) fn is_plain(self, value: &str) -> bool {
        let Terms { need, most, rule, .. } = *self.terms();
        if value.is_empty() {
            return need != Need::Required;
        }
        rule.is_plain(value) && is_at_most(most, value)
    }

    /// Whether a value that keeps its column's rule is none that is missing, or too long.
    #[inline]
    pub(crate) fn has_room_for(self, value: &str) -> bool {
        let Terms { need, most, .. } = *self.terms();
        (!value.is_empty() || need != Need::Required) && is_at_most(most, value)
    }

    /// The same without a glance before.
    pub(crate) fn judge(self, value: &str) -> Result<(), Violation> {
        let Terms { need, most, rule, .. } = *self.terms();
        if value.is_empty() {
            return if need == Need::Required { Err(Violation::Required) } else { Ok(()) };
        }
        if value.chars().any(char::is_control) {
            return Err(Violation::ControlCharacters);
        }
        if !is_at_most(most, value) {
            return Err(Violation::TooLong);
        }
        rule.check(value)
    }

    /// What Naver does with a row whose value breaks that promise.
    pub(crate) fn reaction(self, violation: Violation) -> Reaction {
        match violation {
            // The file's own rules, whatever the column.
            Violation::ControlCharacters | Violation::Markup => Reaction::Refused,
            // Of more than it takes, the first ones are used.
            Violation::TooMany => Reaction::Ignored,
            _ => self.terms().reaction,
        }
    }

    #[inline]
    fn terms(self) -> &'static Terms {
        &TERMS[self as usize]
    }
}

/// Whether a value has at most so many characters.
#[inline]
fn is_at_most(most: usize, value: &str) -> bool {
    // A character has at least one byte, so a value with few enough bytes need not be counted.
    value.len() <= most || value.chars().count() <= most
}

#[cfg(test)]
mod tests;
