//! Sentences about an export.

use super::{Words, number, size};
use crate::{
    chat::escape,
    report::{BuildId, Delivery, Funnel, Invalidation, MapChange, Remark},
};

/// Characters of a foreign value within a sentence.
const VALUE_CHARS: usize = 80;
/// Characters of a technical reason.
const REASON_CHARS: usize = 500;

impl Words {
    /// Where every product went, in one line.
    pub(crate) fn funnel(self, funnel: &Funnel) -> String {
        let [fetched, skipped, broken, duplicates, kept] =
            [funnel.fetched, funnel.skipped_total(), funnel.broken_total(), funnel.duplicates, funnel.kept]
                .map(number);
        say!(
            self,
            "수집 {fetched} → 제외 {skipped} → 규칙 위반 {broken} → 중복 {duplicates} → *저장 {kept}*",
            "fetched {fetched} → skipped {skipped} → broken {broken} → duplicates {duplicates} → *kept {kept}*"
        )
    }

    /// How many rows a build has, and how that moved against the published one.
    pub(crate) fn rows(self, before: Option<u64>, now: u64) -> String {
        let rows = self.products(now);
        let Some(before) = before else { return rows };
        match now.cmp(&before) {
            std::cmp::Ordering::Equal => rows,
            std::cmp::Ordering::Greater => format!("{rows} (+{})", number(now - before)),
            std::cmp::Ordering::Less => format!("{rows} (−{})", number(before - now)),
        }
    }

    /// A build with nothing published before it.
    pub(crate) fn first_build(self) -> &'static str {
        self.pick("처음 공개하는 피드입니다.", "This is the first feed to be published.")
    }

    /// How big the file is and how long it took.
    pub(crate) fn effort(self, bytes: u64, ms: u64) -> String {
        let (size, time) = (size(bytes), self.duration(ms));
        say!(self, "파일 크기 {size} · 소요 시간 {time}", "File size {size} · took {time}")
    }

    /// What a hold means, in a few words.
    pub(crate) fn feed_stays(self) -> &'static str {
        self.pick("기존 피드는 그대로입니다", "the feed stays as it was")
    }

    /// Heads what else was found beside what a build was held for.
    pub(crate) fn also_found(self) -> &'static str {
        self.pick("그 밖에 확인된 점:", "Found besides:")
    }

    /// What a build was most likely held for, and what to do then.
    pub(crate) fn held_by_another_map(self, change: &MapChange) -> String {
        let changed = self.another_map(change);
        say!(
            self,
            "🔎 {changed} 보류된 원인일 가능성이 높습니다. 일부러 바꾸셨다면 아래 수치를 확인하고 이 빌드를 그대로 공개해 \
             주시고, 아니라면 설정을 되돌려 주세요.",
            "🔎 {changed} That is the likely cause. If it was meant, look at the figures below and publish this build \
             all the same; if not, put the settings back."
        )
    }

    /// The source is described in another way than when the published build was made.
    pub(crate) fn another_map(self, MapChange { before, now }: &MapChange) -> String {
        let [before, now] = [before, now].map(|map| escape::code(map, VALUE_CHARS));
        say!(
            self,
            "공개된 빌드 이후 카탈로그를 읽는 설정(프리셋 또는 `CATALOG_MAP` 등)이 바뀌었습니다. ({before} → {now})",
            "Since the published build the description of the source (its preset, `CATALOG_MAP` and the like) was changed \
             ({before} → {now})."
        )
    }

    /// A newer build won.
    pub(crate) fn superseded(self, by: &BuildId) -> String {
        let by = escape::code(by.as_str(), VALUE_CHARS);
        say!(
            self,
            "더 새로운 빌드가 이미 공개되어 있어 이번 빌드는 공개하지 않았습니다. (공개 중: {by})",
            "A newer build is out already, so this one was not published. (Published: {by})"
        )
    }

    /// The headline of a build that was made but is not the public one.
    pub(crate) fn superseded_headline(self) -> &'static str {
        self.pick("EP 생성 완료, 공개는 생략", "EP export done, not published")
    }

    /// The headline of a dry run.
    pub(crate) fn dry_run_headline(self) -> &'static str {
        self.pick("EP 생성 미리보기", "EP export, dry run")
    }

    /// Nothing was done.
    pub(crate) fn dry_run(self) -> &'static str {
        self.pick(
            "미리보기입니다. 아무것도 저장하거나 공개하지 않았습니다.",
            "This is a dry run: nothing was stored or published.",
        )
    }

    /// A line that holds nothing up.
    pub(crate) fn remark(self, remark: &Remark) -> String {
        match remark {
            Remark::EmptyCategory { category } => {
                let category = escape::code(category, VALUE_CHARS);
                say!(
                    self,
                    "상품이 없는 카테고리가 있습니다: {category}",
                    "A category has no products: {category}"
                )
            }
            Remark::NewDepartments { departments, more } => self.new_departments(departments, *more),
            Remark::VanishedDepartments { departments, more } => {
                self.vanished_departments(departments, *more)
            }
            Remark::Corrections(told) => self.corrections(told),
            Remark::NoProducts { elements, kinds } => self.no_products(*elements, kinds),
            Remark::Decoded { encoding } => {
                let encoding = escape::code(encoding, VALUE_CHARS);
                say!(
                    self,
                    "카탈로그의 문자 인코딩이 {encoding}(이)어서 UTF-8로 바꿔 읽었습니다.",
                    "The catalogue is in {encoding} and was read as UTF-8."
                )
            }
            Remark::Later(later) => {
                let name = escape::code(later.name("remark"), VALUE_CHARS);
                say!(self, "이 버전은 모르는 알림입니다: {name}", "A remark of a later version: {name}")
            }
            Remark::NumberIds { products, id } => {
                let (counted, id) = (self.products(*products), escape::code(id, VALUE_CHARS));
                say!(
                    self,
                    "상품 번호가 숫자입니다: {id} 등 {counted}. 앞자리 0을 확인해 주세요.",
                    "Ids that are numbers in the catalogue: {counted}. Zeros before them may be lost ({id})."
                )
            }
            Remark::FamilyPriceOnly { products } => {
                let counted = self.products(*products);
                say!(
                    self,
                    "정상 가격을 알 수 없어 멤버십 가격으로 담은 상품이 {counted} 있습니다.",
                    "Members' price used, because the regular one is not known: {counted}."
                )
            }
        }
    }

    /// How the cache in front of the feed took it.
    pub(crate) fn invalidation(self, invalidation: &Invalidation) -> String {
        match invalidation {
            Invalidation::NotConfigured => self.pick(
                "CDN 설정이 없어 캐시를 비우지 않았습니다.",
                "No CDN is configured, so no cache was cleared.",
            ),
            Invalidation::Completed { .. } => {
                self.pick("CDN 캐시를 비웠습니다.", "The CDN's cache is cleared.")
            }
            Invalidation::StillSpreading { .. } => self.pick(
                "CDN 캐시를 비우는 중입니다. 새 피드가 보이기까지 몇 분 걸릴 수 있습니다.",
                "The CDN's cache is being cleared; the new feed may take a few minutes to show everywhere.",
            ),
            Invalidation::Failed { reason } => {
                let reason = escape::code(reason, REASON_CHARS);
                return say!(self, "새 피드를 공개했지만 CDN 캐시를 비우지 못했습니다. 한동안 이전 피드가 보일 수 있습니다.\n{reason}", "The new feed is published, but the CDN's cache could not be cleared. The old feed may show \
                         for a while.\n{reason}");
            }
        }
        .to_owned()
    }

    /// What readers got right after the publication.
    pub(crate) fn delivery(self, delivery: &Delivery) -> String {
        match delivery {
            Delivery::New => self
                .pick(
                    "공개 주소에서 새 피드가 읽히는 것을 확인했습니다.",
                    "The public URL gives the new feed: read and compared.",
                )
                .to_owned(),
            Delivery::Before { build } => {
                let build = self.build(build);
                say!(
                    self,
                    "공개 주소에서는 아직 이전 피드({build})가 읽힙니다. 다음 검증에서 다시 확인합니다.",
                    "The public URL still gives the feed before ({build}); the next verification looks again."
                )
            }
            Delivery::Other { build } => {
                let says =
                    build.as_ref().map(|build| format!(" ({})", self.build(build))).unwrap_or_default();
                say!(
                    self,
                    "공개 주소에서 이번 피드도 이전 피드도 아닌 다른 파일이 읽힙니다{says}. 주소와 CDN 설정을 확인해 주세요.",
                    "The public URL gives another file than this feed or the one before{says}. Please check the \
                     URL and the CDN."
                )
            }
            Delivery::Unread { reason } => {
                let reason = escape::code(reason, REASON_CHARS);
                say!(
                    self,
                    "공개 주소를 읽지 못해 새 피드가 보이는지 확인하지 못했습니다: {reason}",
                    "The public URL could not be read, so it is not known what readers get: {reason}"
                )
            }
        }
    }

    /// The label of a build's id.
    pub(crate) fn build(self, id: &BuildId) -> String {
        let id = escape::code(id.as_str(), VALUE_CHARS);
        say!(self, "빌드 {id}", "build {id}")
    }

    /// The label of where the excluded products lie.
    pub(crate) fn excluded_file(self, place: &str) -> String {
        let place = escape::code(place, REASON_CHARS);
        say!(self, "제외 목록 {place}", "left out {place}")
    }
}
