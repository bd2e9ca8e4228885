//! What stands beside an export's or a verification's report: how exports went before, and where people look further.

use super::{Words, number};

impl Words {
    /// What a line of rows shows, and in which unit.
    pub(crate) fn trend_rows(self) -> (&'static str, &'static str) {
        self.pick(("상품 수", "개"), ("Products", "products"))
    }

    /// The same of a line of median prices.
    pub(crate) fn trend_median(self) -> (&'static str, &'static str) {
        self.pick(("가격 중앙값", "원"), ("Median price", "won"))
    }

    /// Heads such a line of so many exports.
    pub(crate) fn trend_title(self, name: &str, exports: usize) -> String {
        say!(
            self,
            "{name} · 같은 시간대의 최근 {exports}회",
            "{name} · the last {exports} exports at this hour"
        )
    }

    /// The same as text.
    pub(crate) fn trend(self, name: &str, points: &[(String, u64)]) -> String {
        let points: Vec<_> = points.iter().map(|(day, n)| format!("{day} {}", number(*n))).collect();
        let points = points.join(" · ");
        say!(self, "{name} 추이: {points}", "{name} day by day: {points}")
    }

    /// The label of a link to a build in the store's console.
    pub(crate) fn link_build(self) -> &'static str {
        self.pick("빌드 파일", "the build")
    }

    /// The label of a link to what was left out of it.
    pub(crate) fn link_excluded(self) -> &'static str {
        self.pick("제외 목록", "what was left out")
    }

    /// The label of a link to what a run left in the log.
    pub(crate) fn link_log(self) -> &'static str {
        self.pick("실행 로그", "the run's log")
    }
}
