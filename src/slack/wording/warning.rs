//! Sentences about what the gate finds worth a look.

use super::{KEY_CHARS, REASON_CHARS, VALUE_CHARS, Words, codes, number};
use crate::{
    chat::escape,
    report::{Change, DestroyedText, Flawed, GateWarning, RowName, Shared, SharedGroup},
};

/// A word in Korean, with its particle, and in English.
type Term = (&'static str, &'static str);

impl Words {
    /// What is worth a look, and at what. It is long because it is a table.
    pub(crate) fn gate_warning(self, warning: &GateWarning) -> String {
        match warning {
            GateWarning::DestroyedText(text) => self.destroyed_text(text, ("알림", "told")),
            GateWarning::Drift(drifted) => self.drifted(drifted, ("알림", "told")),
            GateWarning::CorrectionsLost { reason } => self.corrections_lost(reason),
            GateWarning::PhoneNumbers(flawed) => self.sanctioned(flawed, ("전화번호가", "a phone number")),
            GateWarning::Promotions(flawed) => self.sanctioned(flawed, ("홍보 문구가", "a promotion phrase")),
            GateWarning::SameTitle(shared) => self.shared(shared, ("상품명이", "a title")),
            GateWarning::SameImage(shared) => self.shared(shared, ("이미지가", "an image")),
            GateWarning::TakeoverUnknown { detail } => {
                let detail = escape::code(detail, REASON_CHARS);
                say!(
                    self,
                    "처음 공개하는 피드인데, 공개 주소에 이미 다른 피드가 있었는지 확인하지 못했습니다: {detail}",
                    "This is the first feed to be published, and whether another one stood at the public URL could \
                     not be found out: {detail}"
                )
            }
            GateWarning::StateLost { build, rows, unread } => {
                let rows = number(*rows);
                let said = say!(
                    self,
                    "공개 기록이 사라졌습니다(`STATE_URL`). 지금 공개된 피드(`{build}`, {rows}개)를 기준으로 비교했습니다.",
                    "The record of what was published is gone (`STATE_URL`); this build was compared with the feed \
                     that is public now (`{build}`, {rows} rows)."
                );
                let Some(unread) = unread else { return said };
                let unread = escape::code(unread, REASON_CHARS);
                say!(
                    self,
                    "{said} 그 파일을 읽지 못해 가격은 비교하지 못했습니다: {unread}",
                    "{said} Its file could not be read, so prices were not compared: {unread}"
                )
            }
            GateWarning::Later(later) => {
                let name = escape::code(later.name("warning"), VALUE_CHARS);
                say!(
                    self,
                    "이 버전은 모르는 확인 사항입니다: {name}",
                    "Something to look at that this version does not know: {name}"
                )
            }
            GateWarning::SourceIncomplete { measured, limit, expected, found, departments } => {
                self.source_nearly_complete((*measured, *limit), *expected, *found, departments)
            }
            GateWarning::ShapeChanged(changed) => self.shape_changed(changed),
            GateWarning::DepartmentsEmpty(empty) => self.departments_empty(empty),
            GateWarning::DepartmentsNotRead { by, departments, why } => {
                self.departments_not_read(*by, *departments, why)
            }
            GateWarning::CountUnknown { uncounted, of } => self.count_unknown(*uncounted, *of),
            GateWarning::Shrink(Change { limit, before, now, .. }) => {
                let by = self.moved(*before, *now).unwrap_or_default();
                let [before, now] = [before, now].map(|n| number(*n));
                say!(
                    self,
                    "상품이 줄었습니다: {before}개 → {now}개 ({by}, 알림 기준 {limit}). 의도한 변화인지 확인해 주세요.",
                    "Fewer products: {before} → {now} ({by}, told from {limit}). Please check that this is meant."
                )
            }
            GateWarning::UnusualRows { measured, limit, usual, now, exports } => {
                let [usual, now, exports] = [usual, now, exports].map(|n| number(*n));
                say!(
                    self,
                    "상품 수가 이 시간대의 평소와 다릅니다. (최근 {exports}번 평균 {usual}개, 이번 {now}개, 표준편차의 \
                     {measured}배, 알림 기준 {limit}배) 카탈로그를 확인해 주세요.",
                    "An unusual number of products for this time of day: {now}, where the last {exports} exports \
                     had {usual} on average ({measured} standard deviations off, told beyond {limit}). Please have a look at \
                     the catalogue."
                )
            }
            GateWarning::NearCap { measured, rows, cap, left_out, .. } => {
                let [rows, cap] = [rows, cap].map(|n| number(*n));
                let full = *left_out > 0;
                let left_out = self.products(*left_out);
                if full {
                    say!(
                        self,
                        "상품 수 한도 {cap}개가 차서 {left_out}를 담지 못했습니다. 쇼핑몰 등급에 맞게 `EP_MAX_ROWS`를 \
                         확인하거나 제외 설정(`FILTER_…`)을 조정해 주세요.",
                        "The cap of {cap} products is reached, with no room for {left_out}. Please check \
                         `EP_MAX_ROWS` against the mall's contract, or filter more (`FILTER_…`)."
                    )
                } else {
                    say!(
                        self,
                        "상품 수가 한도에 가까워지고 있습니다. ({cap}개 중 {rows}개, {measured}) 곧 일부 상품이 빠질 수 \
                         있습니다.",
                        "The feed nears its cap ({rows} of {cap} products, {measured}): soon some will find no \
                         room."
                    )
                }
            }
        }
    }

    /// Titles were destroyed, more than what is held or told, as `limited` says.
    pub(super) fn destroyed_text(self, text: &DestroyedText, limited: Term) -> String {
        let DestroyedText { measured, limit, titles, of, examples } = text;
        let ([titles, of], named) = ([titles, of].map(|n| number(*n)), self.rows_named(examples));
        let limited = self.pick(limited.0, limited.1);
        say!(
            self,
            "글자가 깨진 상품명이 {of}개 중 {titles}개({measured}) 있습니다. ({limited} 기준 {limit}) {named}",
            "{titles} of {of} titles ({measured}) are destroyed text ({limited} from {limit}). {named}",
        )
    }

    /// Titles that hold what Naver sanctions.
    fn sanctioned(self, flawed: &Flawed, what: Term) -> String {
        let (counted, named) = (self.products(flawed.products), self.rows_named(&flawed.examples));
        let what = self.pick(what.0, what.1);
        say!(
            self,
            "상품명에 {what} 있는 상품이 {counted} 있습니다. 네이버 제재 사유가 될 수 있습니다. {named}",
            "With {what} in the title, which Naver sanctions: {counted}. {named}",
        )
    }

    /// Values that several products have, and the largest groups: `` `value` 12개 (`1`, `2`) ``.
    fn shared(self, shared: &Shared, what: Term) -> String {
        let what = self.pick(what.0, what.1);
        let about = if shared.sampled { self.pick("약 ", "about ") } else { "" };
        let counted = self.products(shared.products);
        let group = |SharedGroup { value, products, ids }: &SharedGroup| {
            let value = escape::code(value, VALUE_CHARS);
            format!("{value} {} ({})", self.products(*products), codes(ids, KEY_CHARS))
        };
        let groups = shared.groups.iter().map(group).collect::<Vec<_>>().join(" · ");
        say!(
            self,
            "{what} 서로 같은 상품이 {about}{counted} 있습니다. 네이버 제재 사유가 될 수 있습니다. {groups}",
            "Sharing {what} with another product, which Naver sanctions: {about}{counted}. {groups}",
        )
    }

    pub(super) fn rows_named(self, rows: &[RowName]) -> String {
        rows.iter().map(|row| self.row_name(row)).collect::<Vec<_>>().join(" · ")
    }
}
