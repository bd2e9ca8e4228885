//! Sentences about what an export changes against the published build.

use super::{Words, number};
use crate::{
    chat::escape,
    report::{Changes, DiffUnknown, PriceMove, RowChange, RowName},
};

/// Characters of an id within a sentence.
const ID_CHARS: usize = 50;
/// Characters of a title within a sentence.
const TITLE_CHARS: usize = 40;

impl Words {
    /// What changed, in counts.
    pub(crate) fn changes(self, changes: &Changes) -> String {
        let rows = self.row_change(RowChange { added: changes.added, removed: changes.removed });
        let [up, down, other] = [changes.price_up, changes.price_down, changes.changed].map(number);
        say!(
            self,
            "지난 공개 대비 {rows}, 가격 ↑{up} ↓{down}, 기타 변경 {other}",
            "Since the last publication {rows}, prices ↑{up} ↓{down}, other changes {other}"
        )
    }

    /// Rows that came and went: `+12 −3`.
    pub(crate) fn row_change(self, change: RowChange) -> String {
        format!("+{} −{}", number(change.added), number(change.removed))
    }

    /// Both builds hold the same rows.
    pub(crate) fn unchanged(self) -> &'static str {
        self.pick(
            "지난 공개와 비교해 달라진 내용이 없습니다.",
            "Nothing has changed since the last publication.",
        )
    }

    /// Why nothing is known of what changed.
    pub(crate) fn diff_unknown(self, reason: DiffUnknown) -> &'static str {
        match reason {
            DiffUnknown::Gone => self.pick(
                "지난 공개와 비교하지 못했습니다. 지난 빌드 파일이 보관 기간이 지나 남아 있지 않습니다.",
                "Not compared with the last publication: its build file is no longer kept.",
            ),
            DiffUnknown::Unreadable => self.pick(
                "지난 공개와 비교하지 못했습니다. 지난 빌드 파일을 읽을 수 없었습니다.",
                "Not compared with the last publication: its build file could not be read.",
            ),
            DiffUnknown::OtherFile => self.pick(
                "지난 공개와 비교하지 못했습니다. 지난 빌드 파일이 공개 당시와 다릅니다.",
                "Not compared with the last publication: its build file is not what was published.",
            ),
            DiffUnknown::TooSlow => self.pick(
                "지난 공개와 비교하지 못했습니다. 지난 빌드 파일을 읽는 데 너무 오래 걸렸습니다.",
                "Not compared with the last publication: reading its build file took too long.",
            ),
            DiffUnknown::Later(_) => {
                self.pick("지난 공개와 비교하지 못했습니다.", "Not compared with the last publication.")
            }
        }
    }

    /// Heads rows that came.
    pub(crate) fn added(self) -> &'static str {
        self.pick("새 상품", "New")
    }

    /// Heads rows that went.
    pub(crate) fn removed(self) -> &'static str {
        self.pick("빠진 상품", "Gone")
    }

    /// Heads rows with another change than that of the price.
    pub(crate) fn changed(self) -> &'static str {
        self.pick("내용이 바뀐 상품", "Changed")
    }

    /// A price that moved: `` `120263850` `HOMSJO` 12,900 → 9,900 (−23.2%) ``.
    pub(crate) fn price_move(self, moved: &PriceMove) -> String {
        let mut line = format!("{} {}", self.row_name(&moved.row), self.prices(moved));
        if let Some(by) = self.moved(moved.old, moved.new) {
            line.push_str(&format!(" ({by})"));
        }
        say!(self, "가격 {line}", "Price {line}")
    }

    /// A price before and after: `12,900 → 9,900`.
    pub(crate) fn prices(self, moved: &PriceMove) -> String {
        format!("{} → {}", number(moved.old), number(moved.new))
    }

    /// How a price moved, in a word: `가격 −23%`.
    pub(crate) fn price_change(self, moved: &PriceMove) -> String {
        let by = self.moved(moved.old, moved.new).map(|by| format!(" {by}")).unwrap_or_default();
        say!(self, "가격{by}", "Price{by}")
    }

    /// A row by its id and title.
    pub(crate) fn row_name(self, row: &RowName) -> String {
        let id = self.row_id(row);
        if row.title.trim().is_empty() {
            return id;
        }
        format!("{id} {}", self.row_title(row))
    }

    /// A row's id.
    pub(crate) fn row_id(self, row: &RowName) -> String {
        escape::code(&row.id, ID_CHARS)
    }

    /// A row's title.
    pub(crate) fn row_title(self, row: &RowName) -> String {
        escape::code(&row.title, TITLE_CHARS)
    }
}
