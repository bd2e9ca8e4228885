//! Why a product is in the feed or is not: for people at a terminal, so nothing here is mrkdwn.

use super::{Words, number};
use crate::{
    chat::escape::visible,
    ep::broken::Breach,
    report::{BrokenRule, Decision, Fate, Found, OfPublished, SkipReason, Standing, Why, WhyStep},
};

/// Characters of a value within a sentence.
const VALUE_CHARS: usize = 120;
/// Characters of an id or a name.
const NAME_CHARS: usize = 60;

impl Words {
    /// What a build of now would do with an id.
    pub(crate) fn standing(self, why: &Why, is_held: bool) -> String {
        let id = visible(&why.id, NAME_CHARS);
        match why.standing {
            Standing::InFeed if is_held => {
                say!(
                    self,
                    "{id}: 피드에 들어갈 상품이지만, 지금 생성하면 보류됩니다",
                    "{id} is a row of a build that would be held"
                )
            }
            Standing::InFeed => say!(self, "{id}: 피드에 들어갑니다", "{id} is in the feed"),
            Standing::LeftOut => {
                say!(
                    self,
                    "{id}: 소스에 있지만 피드에 들어가지 않습니다",
                    "{id} is in the source and not in the feed"
                )
            }
            Standing::NotInSource => say!(self, "{id}: 소스에 없습니다", "{id} is not in the source"),
        }
    }

    /// How often the source has it, where that is more than once.
    pub(crate) fn found_times(self, times: u64) -> String {
        let n = number(times);
        say!(self, "소스에 {n}번 있습니다", "The source has it {n} times")
    }

    /// Ids that come near one that is not there.
    pub(crate) fn nearest_ids(self, ids: &[String]) -> String {
        let ids: Vec<_> = ids.iter().map(|id| visible(id, NAME_CHARS)).collect();
        let ids = ids.join(", ");
        match ids.is_empty() {
            true => self.pick("비슷한 번호도 없습니다", "No id of the source comes near it").to_owned(),
            false => say!(self, "소스에서 비슷한 번호: {ids}", "Ids of the source that come near it: {ids}"),
        }
    }

    /// Where a product stands in the source.
    pub(crate) fn found_at(self, found: &Found) -> String {
        let n = number(found.element);
        let mut at = say!(self, "소스의 {n}번째 항목", "Element {n} of the source");
        if let Some(department) = &found.department {
            let id = visible(department, NAME_CHARS);
            at += &say!(self, ", 부서 {id}", ", department {id}");
        }
        if let Some(window) = found.window {
            let from = number(window);
            at += &say!(self, ", {from}부터 읽은 구간", ", in the window from {from} on");
        }
        if let Some(parent) = &found.variant_of {
            let parent = visible(parent, NAME_CHARS);
            at += &say!(self, ", {parent}의 옵션 상품", ", a variant of {parent}");
        }
        at
    }

    /// What became of a product.
    pub(crate) fn fate(self, fate: &Fate) -> String {
        let of = |what: String, value: &str| match value.is_empty() {
            true => what,
            false => format!("{what}: {}", visible(value, VALUE_CHARS)),
        };
        match fate {
            Fate::Kept => self.pick("피드의 한 행이 됩니다", "It becomes a row of the feed").to_owned(),
            Fate::Repeat => self
                .pick("번호가 같은 앞의 상품을 따릅니다", "An earlier product with the same id decides")
                .to_owned(),
            Fate::Skipped { reason, value } => {
                let what = match reason {
                    SkipReason::Later(later) => visible(later.as_str(), NAME_CHARS),
                    known => self.skip(*known),
                };
                let by_line = matches!(reason, SkipReason::Corrected);
                let value = if by_line { &*self.line_of_table(value) } else { value };
                of(say!(self, "제외: {what}", "Left out: {what}"), value)
            }
            Fate::Broken { rule, value } => {
                let rule = match rule {
                    BrokenRule::Known(Breach { column: Some(column), violation }) => {
                        format!("{} {}", column.name(), self.violation(*violation))
                    }
                    BrokenRule::Known(Breach { column: None, violation }) => {
                        self.violation(*violation).to_owned()
                    }
                    BrokenRule::Later(later) => visible(later.as_str(), NAME_CHARS),
                };
                of(say!(self, "규칙 위반: {rule}", "It breaks a rule: {rule}"), value)
            }
        }
    }

    /// A step of the way into the feed.
    pub(crate) fn why_step(self, step: WhyStep) -> &'static str {
        match step {
            WhyStep::Read => self.pick("읽기", "readable"),
            WhyStep::Corrections => self.pick("보정표", "corrections"),
            WhyStep::Name => self.pick("이름", "name"),
            WhyStep::Sellable => self.pick("온라인 판매", "sold online"),
            WhyStep::Price => self.pick("가격", "price"),
            WhyStep::LowestPrice => self.pick("최저 가격", "lowest price"),
            WhyStep::Image => self.pick("이미지", "image"),
            WhyStep::Category => self.pick("카테고리", "categories"),
            WhyStep::Word => self.pick("단어", "words"),
            WhyStep::LastChance => self.pick("단종 예정", "last chance"),
            WhyStep::Rules => self.pick("형식 규칙", "rules of the format"),
            WhyStep::Repeat => self.pick("번호 중복", "first of its id"),
            WhyStep::Cap => self.pick("상품 수 한도", "row cap"),
        }
    }

    /// What a step decided.
    pub(crate) fn decision(self, decision: Decision) -> &'static str {
        match decision {
            Decision::Passed => self.pick("통과", "passes"),
            Decision::RegularInstead => self.pick(
                "통과: 모두의 가격이 아니어서 일반 가격을 씁니다",
                "passes with its regular price, for the other one is not everybody's",
            ),
            Decision::LeftOut => self.pick("여기서 제외", "left out here"),
            Decision::NotReached => self.pick("판단하지 않음", "not looked at"),
        }
    }

    /// What is published for an id that a build of now would treat like that.
    pub(crate) fn published_for(self, published: &OfPublished, standing: Standing, is_held: bool) -> String {
        let build = match published {
            OfPublished::Row { build: Some(id), .. } | OfPublished::Absent { build: Some(id) } => {
                format!(" ({id})")
            }
            _ => String::new(),
        };
        let would_be_in = standing == Standing::InFeed;
        match published {
            OfPublished::Row { .. } if would_be_in => {
                say!(self, "공개된 파일에 있습니다{build}", "The published feed has it{build}")
            }
            OfPublished::Row { .. } if is_held => say!(
                self,
                "공개된 파일에는 아직 있고{build}, 보류되는 동안 그대로 남습니다",
                "The published feed still has it{build}; it stays there as long as builds are held"
            ),
            OfPublished::Row { .. } => say!(
                self,
                "공개된 파일에는 아직 있고{build}, 다음 생성이 보류되지 않으면 빠집니다",
                "The published feed still has it{build}; the next export takes it out unless it is held"
            ),
            OfPublished::Absent { .. } if would_be_in && is_held => say!(
                self,
                "공개된 파일에는 아직 없고{build}, 보류되는 동안 들어가지 않습니다",
                "The published feed does not have it yet{build}; it does not come as long as builds are held"
            ),
            OfPublished::Absent { .. } if would_be_in => say!(
                self,
                "공개된 파일에는 아직 없고{build}, 다음 생성이 보류되지 않으면 들어갑니다",
                "The published feed does not have it yet{build}; the next export brings it unless it is held"
            ),
            OfPublished::Absent { .. } => {
                say!(self, "공개된 파일에 없습니다{build}", "The published feed does not have it{build}")
            }
            OfPublished::NoFeed => self.pick("공개된 파일이 없습니다", "No feed is published").to_owned(),
            OfPublished::Unknown { reason } => {
                let reason = visible(reason, VALUE_CHARS);
                say!(
                    self,
                    "무엇이 공개되어 있는지 알 수 없습니다: {reason}",
                    "What is published could not be found out: {reason}"
                )
            }
        }
    }

    /// Heads the columns by which the row of now and the published one differ.
    pub(crate) fn changed_columns(self, n: usize, is_held: bool) -> String {
        match n {
            0 => self.pick("공개된 행과 같습니다", "The published row is the same").to_owned(),
            _ if is_held => self
                .pick(
                    "공개된 행과 다르지만, 보류되는 동안 바뀌지 않는 값:",
                    "What it would change of the published row, were it not held:",
                )
                .to_owned(),
            _ => self.pick("공개된 행에서 바뀔 값:", "What it changes of the published row:").to_owned(),
        }
    }

    /// Heads what the map finds in a product.
    pub(crate) fn fields_used(self) -> &'static str {
        self.pick("소스의 값:", "What the source says:")
    }

    /// Heads the steps.
    pub(crate) fn steps_taken(self) -> &'static str {
        self.pick("단계:", "The steps:")
    }

    /// Heads a row.
    pub(crate) fn row_of_now(self) -> &'static str {
        self.pick("지금 만들어질 행:", "The row of now:")
    }
}
