//! What heads tables: their captions and their columns.

use super::Words;
use crate::report::CheckId;

impl Words {
    /// Why products are not in the build: its caption, then its columns.
    pub(crate) fn reasons_table(self) -> [&'static str; 4] {
        self.pick(
            ["저장하지 않은 상품", "사유", "구분", "상품 수"],
            ["Products that were left out", "Reason", "Kind", "Products"],
        )
    }

    /// A reason by which products are left out on purpose.
    pub(crate) fn kind_skipped(self) -> &'static str {
        self.pick("제외", "skipped")
    }

    /// A reason by which products cannot be in a feed.
    pub(crate) fn kind_broken(self) -> &'static str {
        self.pick("규칙 위반", "broken rule")
    }

    /// What a build changes: its caption, then its columns.
    pub(crate) fn changes_table(self) -> [&'static str; 5] {
        self.pick(
            ["공개된 피드와 달라지는 상품 (예시)", "상품 ID", "상품명", "변경", "가격"],
            ["What changes against the published feed (examples)", "ID", "Title", "Change", "Price"],
        )
    }

    /// Rows that a check found: the columns.
    pub(crate) fn rows_table(self) -> [&'static str; 5] {
        self.pick(["행", "상품 ID", "항목", "값", "문제"], ["Row", "ID", "Column", "Value", "Problem"])
    }

    /// The caption of rows that a check found.
    pub(crate) fn rows_of(self, check: CheckId) -> String {
        let check = self.check(check);
        say!(self, "{check}: 문제가 있는 행 (예시)", "{check}: rows with problems (examples)")
    }
}
