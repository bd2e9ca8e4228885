//! Why products are not in the feed: skipped on purpose, or breaking a rule.

use super::{Words, number};
use crate::{chat::escape, report::SkipReason};

/// Characters of a column's or an unknown rule's name.
const NAME_CHARS: usize = 80;

impl Words {
    /// Heads the reasons of what was skipped.
    pub fn skipped(self, reasons: &str) -> String {
        self.pick(format!("제외 사유: {reasons}"), format!("Skipped: {reasons}"))
    }

    /// Heads the rules that were broken.
    pub fn broken(self, rules: &str) -> String {
        self.pick(format!("규칙 위반: {rules}"), format!("Broken: {rules}"))
    }

    /// A reason and how many products it was.
    pub fn counted(self, reason: &str, n: u64) -> String {
        let n = number(n);
        self.pick(format!("{reason} {n}건"), format!("{n} {reason}"))
    }

    /// The rest of a list of reasons: how many kinds, and how many products in all.
    pub fn more_kinds(self, kinds: u64, products: u64) -> String {
        let (kinds, products) = (number(kinds), number(products));
        self.pick(format!("… 외 {kinds}가지 {products}건"), format!("{products} for {kinds} other reasons"))
    }

    /// Why products were skipped.
    pub fn skip(self, reason: SkipReason) -> String {
        let phrase = match reason {
            SkipReason::NotSellable => self.pick("온라인 미판매", "not sold online"),
            SkipReason::SellableUnclear => self.pick("판매 여부 불명", "unclear whether sold online"),
            SkipReason::RestrictedPrice => self.pick("회원·매장 가격", "price for members or stores only"),
            SkipReason::NoPrice => self.pick("가격 없음", "no price"),
            SkipReason::PriceTooLow => self.pick("0원 또는 최저 가격 미만", "price zero or too low"),
            SkipReason::NoImage => self.pick("이미지 없음", "no image"),
            SkipReason::ExcludedCategory => self.pick("제외 카테고리", "excluded category"),
            SkipReason::ExcludedWord => self.pick("제외 단어 포함", "excluded word"),
            SkipReason::LastChance => self.pick("단종 예정", "last chance"),
            SkipReason::OverCap => self.pick("상품 수 한도 초과", "beyond the row cap"),
            SkipReason::Later(later) => return escape::code(later.as_str(), NAME_CHARS),
        };
        phrase.to_owned()
    }

    /// Which rule was broken, by its name `column: rule`. A rule that has no phrase is shown as it is.
    pub fn broken_rule(self, name: &str) -> String {
        let (column, rule) = name.split_once(':').map_or(("", name), |(c, r)| (c.trim(), r.trim()));
        match self.rule(rule) {
            // It is about the product, not about one of its columns.
            Some(phrase) if column.is_empty() || column == "product" => phrase.to_owned(),
            Some(phrase) => format!("{} {phrase}", escape::code(column, NAME_CHARS)),
            None => escape::code(name, NAME_CHARS),
        }
    }

    /// The phrase of a rule, by its name.
    pub fn rule(self, rule: &str) -> Option<&'static str> {
        Some(match rule {
            "unreadable" => self.pick("읽을 수 없는 상품", "unreadable product"),
            "not_utf8" => self.pick("UTF-8이 아닌 상품", "product that is not UTF-8"),
            "no_id" => self.pick("상품 번호 없음", "product without an id"),
            "no_name" => self.pick("상품 이름 없음", "product without a name"),
            "empty_name" => self.pick("표시할 글자가 없는 이름", "name with nothing to show"),
            "not_an_amount" => self.pick("읽을 수 없는 금액", "not an amount"),
            "two_values" => self.pick("서로 다른 값이 두 번", "two different values"),
            "required" => self.pick("필수 값 없음", "required but empty"),
            "too_long" => self.pick("길이 초과", "too long"),
            "characters" => self.pick("쓸 수 없는 문자", "characters not allowed"),
            "not_whole" => self.pick("소수점이 있는 금액", "not a whole amount"),
            "not_digits" => self.pick("숫자가 아닌 값", "not digits only"),
            "zero" => self.pick("0인 값", "zero"),
            "range" => self.pick("허용 범위 밖", "out of range"),
            "currency" => self.pick("다른 통화", "another currency"),
            "not_http" => self.pick("올바르지 않은 웹 주소", "not an http(s) address"),
            "not_one_of" => self.pick("허용되지 않은 값", "not an allowed value"),
            "check_digit" => self.pick("바코드 체크 숫자 불일치", "wrong check digit"),
            "too_many" => self.pick("허용 개수 초과", "too many entries"),
            "control_characters" => self.pick("제어 문자 포함", "control characters"),
            "markup" => self.pick("HTML 태그 포함", "HTML in it"),
            "not_a_time" => self.pick("날짜·시간 형식 오류", "not a date and time"),
            _ => return None,
        })
    }
}
