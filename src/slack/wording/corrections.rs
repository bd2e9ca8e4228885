//! Sentences about what a merchant's own corrections came to.

use super::{KEY_CHARS, REASON_CHARS, Words};
use crate::{
    chat::escape,
    report::{CorrectionsTold, LineBecame, LineFault, LineTaken, Lines},
};

/// Characters of what is told of all lines at once.
const GLANCE_CHARS: usize = 900;

impl Words {
    /// What is to be looked at.
    pub(super) fn corrections(self, told: &CorrectionsTold) -> String {
        let mut facts = Vec::new();
        if let Some(unread) = &told.unread {
            let reason = escape::code(&unread.reason, REASON_CHARS);
            let age = self.hours(unread.copy_age);
            facts.push(say!(
                self,
                "읽지 못해 {age} 전의 사본을 썼습니다 ({reason})",
                "not readable, so the copy of {age} ago was used ({reason})"
            ));
        }
        if told.emptied {
            facts.push(
                self.pick(
                    "적용할 줄이 하나도 없어 이전 보정이 모두 풀렸습니다",
                    "no line is in force any more, so nothing is corrected",
                )
                .to_owned(),
            );
        }
        facts.extend(self.lines_not_in_force(told));
        if !told.unmatched.is_none() {
            let lines = self.lines(&told.unmatched);
            facts.push(say!(
                self,
                "해당 상품이 없는 줄 {lines}",
                "lines whose product is not there: {lines}"
            ));
        }
        let facts = facts.join(" · ");
        say!(self, "보정표(`CORRECTIONS_URL`): {facts}", "Corrections (`CORRECTIONS_URL`): {facts}")
    }

    /// The lines that do not hold whatever the products are like.
    pub(crate) fn lines_not_in_force(self, told: &CorrectionsTold) -> Vec<String> {
        let lines = self.lines(&told.expired);
        let expired = say!(self, "기한이 지난 줄 {lines}", "lines whose day is over: {lines}");
        let refused = told.refused.iter();
        let refused =
            refused.map(|(fault, lines)| format!("{} {}", self.line_fault(*fault), self.lines(lines)));
        (!told.expired.is_none()).then_some(expired).into_iter().chain(refused).collect()
    }

    /// What is to be looked at, for people at a terminal; none where all is well.
    pub(crate) fn corrections_at_a_glance(self, told: &CorrectionsTold) -> Option<String> {
        let lost = told.unread.as_ref().filter(|unread| unread.copy_of.is_none());
        let said = match lost {
            Some(unread) => self.corrections_lost(&unread.reason),
            None if told.needs_a_look() => self.corrections(told),
            None => return None,
        };
        Some(escape::plain(&said, GLANCE_CHARS))
    }

    /// They are not in the build at all.
    pub(super) fn corrections_lost(self, reason: &str) -> String {
        let reason = escape::code(reason, REASON_CHARS);
        say!(
            self,
            "보정표(`CORRECTIONS_URL`)를 읽지 못했고 일주일 안의 사본도 없어, 보정 없이 만들었습니다: {reason}",
            "The corrections (`CORRECTIONS_URL`) could not be read, and there is no copy of the last week: this build goes \
             without them. {reason}"
        )
    }

    fn lines(self, lines: &Lines) -> String {
        let first = lines.first.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        match lines.count.saturating_sub(lines.first.len() as u64) {
            0 => first,
            more => say!(self, "{first} 외 {more}줄", "{first} and {more} more"),
        }
    }

    /// A line of the table.
    pub(crate) fn line_of_table(self, number: &str) -> String {
        say!(self, "{number}번째 줄", "line {number}")
    }

    /// Heads the lines that are about a product, for people at a terminal.
    pub(crate) fn lines_about_it(self) -> &'static str {
        self.pick("보정표의 줄:", "Lines of the corrections:")
    }

    /// A line and what became of it, for people at a terminal.
    pub(crate) fn line_taken(self, taken: &LineTaken) -> String {
        let line = self.line_of_table(&taken.line.to_string());
        let says = escape::visible(&taken.says, KEY_CHARS);
        let became = match taken.became {
            LineBecame::Holds => self.pick("적용", "holds").to_owned(),
            LineBecame::Unused => self
                .pick(
                    "쓰이지 않음: 상품이 피드에 들어가지 않습니다",
                    "changes nothing: the product is not in the feed",
                )
                .to_owned(),
            LineBecame::Expired => self.pick("기한이 지남", "its day is over").to_owned(),
            LineBecame::Refused { fault } => escape::plain(&self.line_fault(fault), REASON_CHARS),
        };
        let value = escape::visible(&taken.value, REASON_CHARS);
        let says = [says, value].join(" ");
        format!("{line}, {}: {}", says.trim_end(), became.trim_end_matches(':'))
    }

    /// What is wrong with a line.
    pub(super) fn line_fault(self, fault: LineFault) -> String {
        let phrase = match fault {
            LineFault::NoId => self.pick("ID가 없는 줄", "lines without an id:"),
            LineFault::UnknownAction => self.pick(
                "`set`, `exclude`, `include`가 아닌 줄",
                "lines of another action than `set`, `exclude`, `include`:",
            ),
            LineFault::UnknownColumn => {
                self.pick("피드에 없는 항목의 줄", "lines of a column that the feed has not:")
            }
            LineFault::SetsId => self.pick("ID를 바꾸려는 줄", "lines that would change an id:"),
            LineFault::BreaksRule => {
                self.pick("값이 규칙에 맞지 않는 줄", "lines whose value breaks its column's rule:")
            }
            LineFault::NoDay => self.pick(
                "`until`이 `2026-12-31` 같은 날짜가 아닌 줄",
                "lines whose `until` is no day such as `2026-12-31`:",
            ),
            LineFault::BelowRegular => self.pick(
                "회원 가격 상품을 일반 가격보다 싸게 하려는 줄",
                "lines that would sell below what every visitor pays:",
            ),
            LineFault::NotAbovePrice => {
                self.pick("정가가 판매가보다 높지 않은 줄", "lines whose list price is not above the price:")
            }
            LineFault::Overruled => self.pick(
                "같은 상품의 다른 줄에 밀려 쓰이지 않는 줄",
                "lines that another line of the same product overrules:",
            ),
            LineFault::Later(later) => return escape::code(later.as_str(), KEY_CHARS),
        };
        phrase.to_owned()
    }
}
