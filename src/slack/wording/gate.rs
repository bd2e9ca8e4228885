//! Sentences about what the gate found, and about builds that people publish by hand.

use super::{Words, number};
use crate::{
    chat::escape,
    report::{BuildId, GateWarning, HoldReason, MissingField, RowName, Shared, SharedGroup, Status},
};

/// Characters of a foreign value within a sentence.
const VALUE_CHARS: usize = 80;
/// Characters of a key within a list.
const KEY_CHARS: usize = 40;
/// Characters of a reason that people gave.
const REASON_CHARS: usize = 200;

impl Words {
    /// Why a build is held.
    pub fn hold_reason(self, reason: &HoldReason) -> String {
        match reason {
            HoldReason::NoRows { missing: None } => self
                .pick(
                    "피드에 담을 상품이 하나도 없습니다.",
                    "There is not a single product to put into the feed.",
                )
                .to_owned(),
            HoldReason::NoRows { missing: Some(MissingField { field, keys }) } => {
                let field = escape::code(field, VALUE_CHARS);
                let keys: Vec<String> = keys.iter().map(|key| escape::code(key, KEY_CHARS)).collect();
                let keys = keys.join(", ");
                self.pick(
                    format!(
                        "피드에 담을 상품이 하나도 없습니다. 모든 상품에 {field} 항목이 없습니다. (있는 항목: {keys})"
                    ),
                    format!(
                        "There is not a single product to put into the feed: {field} is missing in every product \
                         (there are {keys})."
                    ),
                )
            }
            HoldReason::ForeignCurrency { expected, products, found } => {
                let [expected, found] = [expected, found].map(|c| escape::code(c, VALUE_CHARS));
                let counted = self.products(*products);
                self.pick(
                    format!("통화가 다른 상품이 {counted} 있습니다. (설정 {expected}, 카탈로그 {found})"),
                    format!("In another currency: {counted} (expected {expected}, found {found})."),
                )
            }
            HoldReason::SourceIncomplete { expected, found, departments } => {
                self.source_incomplete(*expected, *found, departments)
            }
            HoldReason::DepartmentsEmpty { measured, limit, departments, more, elements } => {
                self.departments_empty((*measured, *limit), (departments, *more), *elements)
            }
            HoldReason::Broken { measured, limit, broken, of, mostly, times } => {
                let [broken, of] = [broken, of].map(|n| number(*n));
                let mostly = self.counted(&self.broken_rule(*mostly), *times);
                self.pick(
                    format!(
                        "형식 규칙에 맞지 않는 상품이 {of}개 중 {broken}개({measured})로, 허용 기준 {limit}를 \
                         넘었습니다. 가장 많은 원인: {mostly}"
                    ),
                    format!(
                        "{broken} of {of} products ({measured}) would break a rule of the format; more than {limit} \
                         is too many. Most of them: {mostly}"
                    ),
                )
            }
            HoldReason::Shrink { measured, limit, before, now } => {
                let [before, now] = [before, now].map(|n| number(*n));
                self.pick(
                    format!(
                        "공개된 피드보다 상품이 {measured} 줄었습니다. ({before}개 → {now}개, 보류 기준 {limit})"
                    ),
                    format!(
                        "{measured} fewer products than in the published feed ({before} → {now}, held from {limit})."
                    ),
                )
            }
            HoldReason::MedianPrice { measured, limit, before, now } => {
                let [before, now] = [before, now].map(|n| number(*n));
                self.pick(
                    format!(
                        "가격의 중앙값이 공개된 피드와 {measured} 차이 납니다. ({before} → {now}, 보류 기준 {limit})"
                    ),
                    format!(
                        "The median price is {measured} off the published feed's ({before} → {now}, held from \
                         {limit})."
                    ),
                )
            }
            HoldReason::TakeoverUnreadable { begins } => {
                let begins = escape::code(begins, VALUE_CHARS);
                self.pick(
                    format!(
                        "공개 주소에 다른 곳에서 만든 파일이 있는데, EP 형식으로 읽을 수 없어 비교하지 못했습니다. (시작 부분: {begins})"
                    ),
                    format!(
                        "Somebody else's file is at the public URL, and it could not be read as a feed to be compared with \
                         (it begins with {begins})."
                    ),
                )
            }
            HoldReason::DestroyedText { measured, limit, titles, of, examples } => {
                let ([titles, of], named) = ([titles, of].map(|n| number(*n)), self.rows_named(examples));
                self.pick(
                    format!(
                        "글자가 깨진 상품명이 {of}개 중 {titles}개({measured}) 있습니다. (보류 기준 {limit}) {named}"
                    ),
                    format!("{titles} of {of} titles ({measured}) are destroyed text (held from {limit}). {named}"),
                )
            }
            HoldReason::Takeover { measured, limit, diff } => {
                let [kept, of] = [diff.kept, diff.of].map(number);
                let (gone, new) = (self.rows_named(&diff.gone), self.rows_named(&diff.new));
                self.pick(
                    format!(
                        "공개 주소에 다른 곳에서 만든 피드가 있는데, 그 상품 ID {of}개 중 {kept}개({measured})만 이번 빌드에 \
                         있습니다. (보류 기준 {limit} 미만) 빠지는 상품: {gone} / 새 상품: {new}"
                    ),
                    format!(
                        "Somebody else's feed is at the public URL, and of its {of} ids this build has only {kept} \
                         ({measured}; less than {limit} is held). Gone: {gone} / New: {new}"
                    ),
                )
            }
            HoldReason::Later(later) => {
                let name = escape::code(later.name("reason"), VALUE_CHARS);
                self.pick(
                    format!("이 버전은 모르는 이유로 보류했습니다: {name}"),
                    format!("Held for a reason that this version does not know: {name}"),
                )
            }
        }
    }

    /// What to do about it.
    pub fn hold_advice(self, reason: &HoldReason) -> &'static str {
        match reason {
            HoldReason::NoRows { missing: Some(_) } => self.pick(
                "카탈로그의 형식이 바뀌었거나 상품이 한 단계 안쪽에 있을 수 있습니다. `CATALOG_ITEMS`와 카탈로그를 확인해 주세요.",
                "The catalogue's shape may have changed, or products stand one level deeper: please check \
                 `CATALOG_ITEMS` and the catalogue.",
            ),
            HoldReason::NoRows { missing: None } => self.pick(
                "카탈로그 주소(`CATALOG_URL`)와 제외 설정(`FILTER_…`)을 확인해 주세요.",
                "Please check the catalogue's address (`CATALOG_URL`) and the filters (`FILTER_…`).",
            ),
            HoldReason::ForeignCurrency { .. } => self.pick(
                "카탈로그가 다른 나라의 것은 아닌지, `EP_CURRENCY` 설정이 맞는지 확인해 주세요.",
                "Please check that the catalogue is the right country's and that `EP_CURRENCY` is right.",
            ),
            HoldReason::SourceIncomplete { .. } => self.pick(
                "잠시 후 다시 실행해 주세요. 계속되면 카탈로그 쪽에 문제가 없는지, 카탈로그가 알려 주는 개수가 맞는지 확인해 \
                 주세요. (개수를 비교하지 않으려면 `CATALOG_TOTAL`에 `-`)",
                "Please run it again a little later; if it stays like this, have a look at the catalogue, and at whether \
                 the count that it gives is right (`-` as `CATALOG_TOTAL` compares none).",
            ),
            HoldReason::DepartmentsEmpty { .. } => self.departments_empty_advice(),
            HoldReason::Broken { .. } => self.pick(
                "카탈로그에서 이 값이 비었거나 형식이 바뀌지 않았는지 확인해 주세요. 상품별 이유는 제외 목록 파일에 있습니다.",
                "Please check whether the catalogue lost or changed that value; the file of what was left out has each \
                 product's reason.",
            ),
            HoldReason::Shrink { .. } => self.pick(
                "카탈로그에서 상품이 빠졌거나 제외 설정(`FILTER_…`)이 바뀌지 않았는지 확인해 주세요.",
                "Please check whether the catalogue lost products or the filters (`FILTER_…`) were changed.",
            ),
            HoldReason::MedianPrice { .. } => self.pick(
                "카탈로그의 가격 단위나 소수점 위치가 바뀌지 않았는지 확인해 주세요.",
                "Please check whether the unit or the decimal point of the catalogue's prices was changed.",
            ),
            HoldReason::DestroyedText { .. } => self.pick(
                "카탈로그가 다른 인코딩으로 저장되었거나 옮겨지는 중에 깨졌을 수 있습니다. 카탈로그의 상품명을 확인해 주세요.",
                "The catalogue may have been stored in another encoding, or damaged on its way: please look at its names.",
            ),
            HoldReason::TakeoverUnreadable { .. } => self.pick(
                "그 파일을 대체해도 되는지, 상품 ID의 번호 체계가 같은지 직접 확인해 주세요.",
                "Please look whether that file may be replaced, and whether it numbers its products alike.",
            ),
            HoldReason::Takeover { .. } => self.pick(
                "ID가 바뀌면 네이버는 모두 새 상품으로 여깁니다. 두 피드의 ID가 같은 번호 체계인지 확인해 주세요.",
                "To Naver products with other ids are new ones: please check that both feeds number them alike.",
            ),
            HoldReason::Later(_) => self.pick(
                "보류했을 때의 메시지를 확인해 주세요.",
                "Please look at the message of the run that held it.",
            ),
        }
    }

    /// What is worth a look, and at what.
    pub fn gate_warning(self, warning: &GateWarning) -> String {
        match warning {
            GateWarning::DestroyedText { measured, limit, titles, of, examples } => {
                let ([titles, of], named) = ([titles, of].map(|n| number(*n)), self.rows_named(examples));
                self.pick(
                    format!(
                        "글자가 깨진 상품명이 {of}개 중 {titles}개({measured}) 있습니다. (알림 기준 {limit}) {named}"
                    ),
                    format!("{titles} of {of} titles ({measured}) are destroyed text (told from {limit}). {named}"),
                )
            }
            GateWarning::PhoneNumbers(flawed) => {
                let (counted, named) = (self.products(flawed.products), self.rows_named(&flawed.examples));
                self.pick(
                    format!("상품명에 전화번호가 있는 상품이 {counted} 있습니다. 네이버 제재 사유가 될 수 있습니다. {named}"),
                    format!("With a phone number in the title, which Naver sanctions: {counted}. {named}"),
                )
            }
            GateWarning::Promotions(flawed) => {
                let (counted, named) = (self.products(flawed.products), self.rows_named(&flawed.examples));
                self.pick(
                    format!("상품명에 홍보 문구가 있는 상품이 {counted} 있습니다. 네이버 제재 사유가 될 수 있습니다. {named}"),
                    format!("With a promotion phrase in the title, which Naver sanctions: {counted}. {named}"),
                )
            }
            GateWarning::SameTitle(shared) => {
                let (counted, groups) = (self.shared(shared), self.groups(shared));
                self.pick(
                    format!("상품명이 서로 같은 상품이 {counted} 있습니다. 네이버 제재 사유가 될 수 있습니다. {groups}"),
                    format!("Sharing a title with another product, which Naver sanctions: {counted}. {groups}"),
                )
            }
            GateWarning::SameImage(shared) => {
                let (counted, groups) = (self.shared(shared), self.groups(shared));
                self.pick(
                    format!("이미지가 서로 같은 상품이 {counted} 있습니다. 네이버 제재 사유가 될 수 있습니다. {groups}"),
                    format!("Sharing an image with another product, which Naver sanctions: {counted}. {groups}"),
                )
            }
            GateWarning::TakeoverUnknown { detail } => {
                let detail = escape::code(detail, REASON_CHARS);
                self.pick(
                    format!(
                        "처음 공개하는 피드인데, 공개 주소에 이미 다른 피드가 있었는지 확인하지 못했습니다: {detail}"
                    ),
                    format!(
                        "This is the first feed to be published, and whether another one stood at the public URL could \
                         not be found out: {detail}"
                    ),
                )
            }
            GateWarning::StateLost { build, rows, unread } => {
                let rows = number(*rows);
                let said = self.pick(
                    format!(
                        "공개 기록이 사라졌습니다(`STATE_URL`). 지금 공개된 피드(`{build}`, {rows}개)를 기준으로 비교했습니다."
                    ),
                    format!(
                        "The record of what was published is gone (`STATE_URL`); this build was compared with the feed \
                         that is public now (`{build}`, {rows} rows)."
                    ),
                );
                let Some(unread) = unread else { return said };
                let unread = escape::code(unread, REASON_CHARS);
                self.pick(
                    format!("{said} 그 파일을 읽지 못해 가격은 비교하지 못했습니다: {unread}"),
                    format!("{said} Its file could not be read, so prices were not compared: {unread}"),
                )
            }
            GateWarning::Later(later) => {
                let name = escape::code(later.name("warning"), VALUE_CHARS);
                self.pick(
                    format!("이 버전은 모르는 확인 사항입니다: {name}"),
                    format!("Something to look at that this version does not know: {name}"),
                )
            }
            GateWarning::SourceIncomplete { measured, limit, expected, found, departments } => {
                self.source_nearly_complete((*measured, *limit), *expected, *found, departments)
            }
            GateWarning::DepartmentsEmpty { measured, limit, departments, more, elements } => {
                self.departments_empty((*measured, *limit), (departments, *more), *elements)
            }
            GateWarning::DepartmentsNotRead { by, departments, why } => {
                self.departments_not_read(*by, *departments, why)
            }
            GateWarning::CountUnknown { uncounted, of } => self.count_unknown(*uncounted, *of),
            GateWarning::Shrink { measured, limit, before, now } => {
                let [before, now] = [before, now].map(|n| number(*n));
                self.pick(
                    format!(
                        "상품이 {measured} 줄었습니다. ({before}개 → {now}개, 알림 기준 {limit}) 의도한 변화인지 확인해 \
                         주세요."
                    ),
                    format!(
                        "{measured} fewer products ({before} → {now}, told from {limit}). Please check that this is \
                         meant."
                    ),
                )
            }
            GateWarning::UnusualRows { measured, limit, usual, now, exports } => {
                let [usual, now, exports] = [usual, now, exports].map(|n| number(*n));
                self.pick(
                    format!(
                        "상품 수가 이 시간대의 평소와 다릅니다. (최근 {exports}번 평균 {usual}개, 이번 {now}개, 표준편차의 \
                         {measured}배, 알림 기준 {limit}배) 카탈로그를 확인해 주세요."
                    ),
                    format!(
                        "An unusual number of products for this time of day: {now}, where the last {exports} exports \
                         had {usual} on average ({measured} standard deviations off, told beyond {limit}). Please have a look at \
                         the catalogue."
                    ),
                )
            }
            GateWarning::NearCap { measured, rows, cap, left_out, .. } => {
                let [rows, cap] = [rows, cap].map(|n| number(*n));
                let full = *left_out > 0;
                let left_out = self.products(*left_out);
                if full {
                    self.pick(
                        format!(
                            "상품 수 한도 {cap}개가 차서 {left_out}를 담지 못했습니다. 쇼핑몰 등급에 맞게 `EP_MAX_ROWS`를 \
                             확인하거나 제외 설정(`FILTER_…`)을 조정해 주세요."
                        ),
                        format!(
                            "The cap of {cap} products is reached, with no room for {left_out}. Please check \
                             `EP_MAX_ROWS` against the mall's contract, or filter more (`FILTER_…`)."
                        ),
                    )
                } else {
                    self.pick(
                        format!(
                            "상품 수가 한도에 가까워지고 있습니다. ({cap}개 중 {rows}개, {measured}) 곧 일부 상품이 빠질 수 \
                             있습니다."
                        ),
                        format!(
                            "The feed nears its cap ({rows} of {cap} products, {measured}): soon some will find no \
                             room."
                        ),
                    )
                }
            }
        }
    }

    fn rows_named(self, rows: &[RowName]) -> String {
        rows.iter().map(|row| self.row_name(row)).collect::<Vec<_>>().join(" · ")
    }

    /// How many products share a value with another.
    fn shared(self, shared: &Shared) -> String {
        let counted = self.products(shared.products);
        match shared.sampled {
            true => self.pick(format!("약 {counted}"), format!("about {counted}")),
            false => counted,
        }
    }

    /// The largest groups: `` `value` 12개 (`1`, `2`) ``.
    fn groups(self, shared: &Shared) -> String {
        let group = |group: &SharedGroup| {
            let ids: Vec<String> = group.ids.iter().map(|id| escape::code(id, KEY_CHARS)).collect();
            let value = escape::code(&group.value, VALUE_CHARS);
            format!("{value} {} ({})", self.products(group.products), ids.join(", "))
        };
        shared.groups.iter().map(group).collect::<Vec<_>>().join(" · ")
    }

    /// Heads the command line that publishes a held build.
    pub fn force(self) -> &'static str {
        self.pick(
            "확인해 보니 이 빌드가 맞다면 아래 명령으로 그대로 공개하실 수 있습니다. `…` 자리에 이유를 적어 주세요.",
            "If this build is right as it is, publish it with this command, and say why in place of `…`:",
        )
    }

    /// The verdict of a run that published a build made before.
    pub fn republished_headline(self, had_been_held: bool, status: Status) -> &'static str {
        match (had_been_held, status) {
            (true, Status::Ok) => self.pick("보류한 빌드 공개 완료", "Held build published"),
            (true, _) => self.pick("보류한 빌드 공개, 확인 필요", "Held build published, please check"),
            (false, Status::Ok) => self.pick("저장된 빌드 공개 완료", "Stored build published"),
            (false, _) => self.pick("저장된 빌드 공개, 확인 필요", "Stored build published, please check"),
        }
    }

    /// From which build to which.
    pub fn republished(self, before: Option<&BuildId>, now: &BuildId) -> String {
        let code = |build: &BuildId| escape::code(build.as_str(), VALUE_CHARS);
        let after = code(now);
        match before {
            Some(before) if before == now => {
                self.pick(format!("공개 중인 빌드 {after}를 다시 공개"), format!("Build {after}, once more"))
            }
            Some(before) => {
                let before = code(before);
                self.pick(format!("빌드 {before} → {after}"), format!("Build {before} → {after}"))
            }
            None => self.pick(format!("빌드 {after}"), format!("Build {after}")),
        }
    }

    /// Why it was forced, in the words of whoever did it.
    pub fn forced_because(self, reason: &str) -> String {
        let reason = escape::code(reason, REASON_CHARS);
        self.pick(format!("공개 이유: {reason}"), format!("Published because: {reason}"))
    }

    /// Heads what a forced build had been held for.
    pub fn had_been_held(self) -> &'static str {
        self.pick("보류했던 이유:", "It had been held for:")
    }
}
