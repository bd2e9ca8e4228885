//! Why products are not in the feed: skipped on purpose, or breaking a rule.

use super::{Words, number};
use crate::{
    chat::escape,
    ep::{broken::Breach, rules::Violation},
    report::{BrokenRule, SkipReason},
};

/// Characters of a column's or an unknown rule's name.
const NAME_CHARS: usize = 80;

impl Words {
    /// Heads the reasons of what was skipped.
    pub(crate) fn skipped(self, reasons: &str) -> String {
        say!(self, "제외 사유: {reasons}", "Skipped: {reasons}")
    }

    /// Heads the rules that were broken.
    pub(crate) fn broken(self, rules: &str) -> String {
        say!(self, "규칙 위반: {rules}", "Broken: {rules}")
    }

    /// A reason and how many products it was.
    pub(crate) fn counted(self, reason: &str, n: u64) -> String {
        let n = number(n);
        say!(self, "{reason} {n}건", "{n} {reason}")
    }

    /// The rest of a list of reasons: how many kinds, and how many products in all.
    pub(crate) fn more_kinds(self, kinds: u64, products: u64) -> String {
        let (kinds, products) = (number(kinds), number(products));
        say!(self, "… 외 {kinds}가지 {products}건", "{products} for {kinds} other reasons")
    }

    /// Why products were skipped.
    pub(crate) fn skip(self, reason: SkipReason) -> String {
        let phrase = match reason {
            SkipReason::NotSellable => self.pick("온라인 미판매", "not sold online"),
            SkipReason::SellableUnclear => self.pick("판매 여부 불명", "unclear whether sold online"),
            SkipReason::RestrictedPrice => self.pick("회원·매장 가격", "price for members or stores only"),
            SkipReason::NoPrice => self.pick("가격 없음", "no price"),
            SkipReason::PriceTooLow => self.pick("0원 또는 최저 가격 미만", "price zero or too low"),
            SkipReason::NoImage => self.pick("이미지 없음", "no image"),
            SkipReason::ExcludedCategory => self.pick("제외 카테고리", "excluded category"),
            SkipReason::ExcludedWord => self.pick("제외 단어 포함", "excluded word"),
            SkipReason::Corrected => self.pick("보정표로 제외", "excluded by the corrections"),
            SkipReason::LastChance => self.pick("단종 예정", "last chance"),
            SkipReason::OverCap => self.pick("상품 수 한도 초과", "beyond the row cap"),
            SkipReason::Later(later) => return escape::code(later.as_str(), NAME_CHARS),
        };
        phrase.to_owned()
    }

    /// Which rule was broken. One that only a later version knows is shown by its name.
    pub(crate) fn broken_rule(self, rule: BrokenRule) -> String {
        match rule {
            BrokenRule::Known(Breach { column: Some(column), violation }) => {
                format!("{} {}", escape::code(column.name(), NAME_CHARS), self.violation(violation))
            }
            // It is about the product, not about one of its columns.
            BrokenRule::Known(Breach { column: None, violation }) => self.violation(violation).to_owned(),
            BrokenRule::Later(later) => escape::code(later.as_str(), NAME_CHARS),
        }
    }

    /// What is wrong with a value, or a product.
    pub(crate) fn violation(self, violation: Violation) -> &'static str {
        use Violation::*;
        match violation {
            Unreadable => self.pick("읽을 수 없는 상품", "unreadable product"),
            NotUtf8 => self.pick("UTF-8이 아닌 상품", "product that is not UTF-8"),
            NoId => self.pick("상품 번호 없음", "product without an id"),
            NoName => self.pick("상품 이름 없음", "product without a name"),
            EmptyName => self.pick("표시할 글자가 없는 이름", "name with nothing to show"),
            NotAnAmount => self.pick("읽을 수 없는 금액", "not an amount"),
            TwoValues => self.pick("서로 다른 값이 두 번", "two different values"),
            Required => self.pick("필수 값 없음", "required but empty"),
            TooLong => self.pick("길이 초과", "too long"),
            Characters => self.pick("쓸 수 없는 문자", "characters not allowed"),
            NotWhole => self.pick("소수점이 있는 금액", "not a whole amount"),
            NotDigits => self.pick("숫자가 아닌 값", "not digits only"),
            Zero => self.pick("0인 값", "zero"),
            Range => self.pick("허용 범위 밖", "out of range"),
            Currency => self.pick("다른 통화", "another currency"),
            NotHttp => self.pick("올바르지 않은 웹 주소", "not an http(s) address"),
            NotOneOf => self.pick("허용되지 않은 값", "not an allowed value"),
            CheckDigit => self.pick("바코드 체크 숫자 불일치", "wrong check digit"),
            TooMany => self.pick("허용 개수 초과", "too many entries"),
            ControlCharacters => self.pick("제어 문자 포함", "control characters"),
            Markup => self.pick("HTML 태그 포함", "HTML in it"),
            NotATime => self.pick("날짜·시간 형식 오류", "not a date and time"),
        }
    }
}
