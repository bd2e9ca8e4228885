//! Sentences about why the gate holds a build, and what to do about it.

use super::{KEY_CHARS, VALUE_CHARS, Words, codes, number};
use crate::{
    chat::escape,
    report::{Change, ForeignPrices, HoldReason, MissingField, Publication},
};

/// Characters of a reason why a build is held: the longest names products.
const HELD_CHARS: usize = 600;

impl Words {
    /// What would become of a build of now; `None` where the records do not say what it has to be held against.
    pub(crate) fn would_become(self, publication: Option<&Publication>) -> &'static str {
        match publication {
            Some(Publication::Held { .. }) => self.pick(
                "지금 생성하면 보류되어, 공개된 것은 바뀌지 않습니다:",
                "A build of now would be held, and nothing of what is published changes:",
            ),
            Some(_) => self.pick("지금 생성하면 공개됩니다", "A build of now would be published"),
            None => self.pick(
                "지금 생성하면 보류될지는 알 수 없습니다. 공개 기록을 읽지 못했습니다:",
                "Whether a build of now would be held is not known, for the records of what is published cannot be read:",
            ),
        }
    }

    /// A reason why it would be held.
    pub(crate) fn held_for(self, reason: &HoldReason) -> String {
        escape::plain(&self.hold_reason(reason), HELD_CHARS)
    }

    /// Why a build is held. It is long because it is a table.
    pub(crate) fn hold_reason(self, reason: &HoldReason) -> String {
        match reason {
            HoldReason::NoRows { missing: None } => self
                .pick(
                    "피드에 담을 상품이 하나도 없습니다.",
                    "There is not a single product to put into the feed.",
                )
                .to_owned(),
            HoldReason::NoRows { missing: Some(MissingField { field, keys }) } => {
                let field = escape::code(field, VALUE_CHARS);
                let keys = codes(keys, KEY_CHARS);
                say!(
                    self,
                    "피드에 담을 상품이 하나도 없습니다. 모든 상품에 {field} 항목이 없습니다. (있는 항목: {keys})",
                    "There is not a single product to put into the feed: {field} is missing in every product \
                     (there are {keys})."
                )
            }
            HoldReason::ForeignCurrency(ForeignPrices { expected, products, found }) => {
                let [expected, found] = [expected, found].map(|c| escape::code(c, VALUE_CHARS));
                let counted = self.products(*products);
                say!(
                    self,
                    "통화가 다른 상품이 {counted} 있습니다. (설정 {expected}, 카탈로그 {found})",
                    "In another currency: {counted} (expected {expected}, found {found}).",
                )
            }
            HoldReason::SourceIncomplete { expected, found, departments } => {
                self.source_incomplete(*expected, *found, departments)
            }
            HoldReason::ShapeChanged(changed) => self.shape_changed(changed),
            HoldReason::DepartmentsEmpty(empty) => self.departments_empty(empty),
            HoldReason::Broken { measured, limit, broken, of, mostly, times } => {
                let [broken, of] = [broken, of].map(|n| number(*n));
                let mostly = self.counted(&self.broken_rule(*mostly), *times);
                say!(
                    self,
                    "형식 규칙에 맞지 않는 상품이 {of}개 중 {broken}개({measured})로, 허용 기준 {limit}를 \
                     넘었습니다. 가장 많은 원인: {mostly}",
                    "{broken} of {of} products ({measured}) would break a rule of the format; more than {limit} \
                     is too many. Most of them: {mostly}"
                )
            }
            HoldReason::Shrink(Change { limit, before, now, .. }) => {
                let by = self.moved(*before, *now).unwrap_or_default();
                let [before, now] = [before, now].map(|n| number(*n));
                say!(
                    self,
                    "공개된 피드보다 상품이 줄었습니다: {before}개 → {now}개 ({by}, 보류 기준 {limit})",
                    "Fewer products than in the published feed: {before} → {now} ({by}, held from {limit})",
                )
            }
            HoldReason::MedianPrice(Change { limit, before, now, .. }) => {
                let by = self.moved(*before, *now).unwrap_or_default();
                let [before, now] = [before, now].map(|n| number(*n));
                say!(
                    self,
                    "가격의 중앙값이 공개된 피드와 다릅니다: {before} → {now} ({by}, 보류 기준 {limit})",
                    "The median price is not the published feed's: {before} → {now} ({by}, held from {limit})",
                )
            }
            HoldReason::TakeoverUnreadable { begins } => {
                let begins = escape::code(begins, VALUE_CHARS);
                say!(
                    self,
                    "공개 주소에 다른 곳에서 만든 파일이 있는데, EP 형식으로 읽을 수 없어 비교하지 못했습니다. (시작 부분: {begins})",
                    "Somebody else's file is at the public URL, and it could not be read as a feed to be compared with \
                     (it begins with {begins})."
                )
            }
            HoldReason::DestroyedText(text) => self.destroyed_text(text, ("보류", "held")),
            HoldReason::Drift(drifted) => self.drifted(drifted, ("보류", "held")),
            HoldReason::Takeover { measured, limit, diff } => {
                let [kept, of] = [diff.kept, diff.of].map(number);
                let (gone, new) = (self.rows_named(&diff.gone), self.rows_named(&diff.new));
                say!(
                    self,
                    "공개 주소에 다른 곳에서 만든 피드가 있는데, 그 상품 ID {of}개 중 {kept}개({measured})만 이번 빌드에 \
                     있습니다. (보류 기준 {limit} 미만) 빠지는 상품: {gone} / 새 상품: {new}",
                    "Somebody else's feed is at the public URL, and of its {of} ids this build has only {kept} \
                     ({measured}; less than {limit} is held). Gone: {gone} / New: {new}"
                )
            }
            HoldReason::Later(later) => {
                let name = escape::code(later.name("reason"), VALUE_CHARS);
                say!(
                    self,
                    "이 버전은 모르는 이유로 보류했습니다: {name}",
                    "Held for a reason that this version does not know: {name}"
                )
            }
        }
    }

    /// What to do about it. It is long because it is a table.
    pub(crate) fn hold_advice(self, reason: &HoldReason) -> &'static str {
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
            HoldReason::ForeignCurrency(_) => self.pick(
                "카탈로그가 다른 나라의 것은 아닌지, `EP_CURRENCY` 설정이 맞는지 확인해 주세요.",
                "Please check that the catalogue is the right country's and that `EP_CURRENCY` is right.",
            ),
            HoldReason::SourceIncomplete { .. } => self.pick(
                "잠시 후 다시 실행해 주세요. 계속되면 카탈로그 쪽에 문제가 없는지, 카탈로그가 알려 주는 개수가 맞는지 확인해 \
                 주세요. (개수를 비교하지 않으려면 `CATALOG_TOTAL`에 `-`)",
                "Please run it again a little later; if it stays like this, have a look at the catalogue, and at whether \
                 the count that it gives is right (`-` as `CATALOG_TOTAL` compares none).",
            ),
            HoldReason::ShapeChanged(_) => self.pick(
                "카탈로그가 새 형식으로 바뀌는 중일 수 있습니다. 잠시 후 다시 실행하고, 계속되면 `check-config --try`로 확인해 \
                 상품 맵(`CATALOG_MAP`)을 새 형식에 맞춰 주세요.",
                "The catalogue may be on its way to a new shape: please run it again a little later; if it stays like this, \
                 look at it by `check-config --try` and adapt the map (`CATALOG_MAP`).",
            ),
            HoldReason::DepartmentsEmpty(_) => self.pick(
                "쇼핑몰에서 이 카테고리가 정말 없어졌거나 합쳐졌는지 확인해 주세요. 그렇지 않다면 잠시 후 다시 실행해 주세요.",
                "Please check whether the shop really closed or merged these departments; if not, run it again a little \
                 later.",
            ),
            HoldReason::Broken { .. } => self.pick(
                "카탈로그에서 이 값이 비었거나 형식이 바뀌지 않았는지 확인해 주세요. 상품별 이유는 제외 목록 파일에 있습니다.",
                "Please check whether the catalogue lost or changed that value; the file of what was left out has each \
                 product's reason.",
            ),
            HoldReason::Shrink(_) => self.pick(
                "카탈로그에서 상품이 빠졌거나 제외 설정(`FILTER_…`)이 바뀌지 않았는지 확인해 주세요.",
                "Please check whether the catalogue lost products or the filters (`FILTER_…`) were changed.",
            ),
            HoldReason::MedianPrice(_) => self.pick(
                "카탈로그의 가격 단위나 소수점 위치가 바뀌지 않았는지 확인해 주세요.",
                "Please check whether the unit or the decimal point of the catalogue's prices was changed.",
            ),
            HoldReason::DestroyedText(_) => self.pick(
                "카탈로그가 다른 인코딩으로 저장되었거나 옮겨지는 중에 깨졌을 수 있습니다. 카탈로그의 상품명을 확인해 주세요.",
                "The catalogue may have been stored in another encoding, or damaged on its way: please look at its names.",
            ),
            HoldReason::Drift(drifted) => self.drift_advice(drifted.rule),
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
}
