//! Sentences about a verification.

use super::{Words, number, size};
use crate::{chat::escape, report::CheckId};

/// Characters of a name that only a later version knows.
const NAME_CHARS: usize = 48;

impl Words {
    /// How many checks passed.
    pub fn passed(self, passed: usize, all: usize) -> String {
        self.pick(format!("*{passed}/{all}* 통과"), format!("*{passed}/{all}* passed"))
    }

    /// What was read.
    pub fn read(self, rows: u64, bytes: u64, ms: u64) -> String {
        let facts = format!("{} · {} · {}", self.products(rows), size(bytes), self.duration(ms));
        self.pick(format!("상품 {facts}"), facts)
    }

    /// What a check measured.
    pub fn measured(self, value: &str) -> String {
        self.pick(format!("확인 {value}"), format!("found {value}"))
    }

    /// What it was held against.
    pub fn limit(self, value: &str) -> String {
        self.pick(format!("기준 {value}"), format!("expected {value}"))
    }

    /// How often a problem was found.
    pub fn times(self, n: u64) -> String {
        self.pick(format!("{}건", number(n)), format!("{}×", number(n)))
    }

    /// A row by its number.
    pub fn row(self, n: u64) -> String {
        self.pick(format!("{}행", number(n)), format!("row {}", number(n)))
    }

    /// The checks that could not be made.
    pub fn unchecked(self, checks: &[String]) -> String {
        let checks = checks.join(", ");
        self.pick(format!("확인하지 못한 항목: {checks}"), format!("Could not be checked: {checks}"))
    }

    /// A check's name.
    pub fn check(self, id: CheckId) -> String {
        let name = match id {
            CheckId::Reachable => self.pick("접속", "Reachable"),
            CheckId::Fresh => self.pick("최신 여부", "Fresh"),
            CheckId::Identical => self.pick("공개본과 일치", "Identical"),
            CheckId::Encoding => self.pick("문자 인코딩", "Encoding"),
            CheckId::Header => self.pick("열 이름", "Column names"),
            CheckId::Shape => self.pick("행 구조", "Shape of rows"),
            CheckId::RequiredValues => self.pick("필수 값", "Required values"),
            CheckId::UniqueIds => self.pick("상품 ID 중복", "Unique ids"),
            CheckId::Formats => self.pick("값 형식", "Formats"),
            CheckId::RowCount => self.pick("상품 수", "Row count"),
            CheckId::Prices => self.pick("가격", "Prices"),
            CheckId::Sanctions => self.pick("네이버 제재 사유", "Naver's sanctions"),
            CheckId::Alive => self.pick("상품 페이지와 이미지", "Pages and images"),
            CheckId::ScheduleKept => self.pick("예정된 실행", "Schedule kept"),
            CheckId::Later(later) => return escape::code(later.as_str(), NAME_CHARS),
        };
        name.to_owned()
    }
}
