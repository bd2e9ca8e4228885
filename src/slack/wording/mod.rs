//! Every sentence that people read in the thread, each in Korean and English side by side.
//!
//! It never decides what is said. Both languages stand in one expression and every closed set is a `match`, so a
//! missing sentence does not compile. Values put into sentences are made safe here, with `escape`.

/// A sentence in the language of `$words`, with values put into it.
macro_rules! say {
    ($words:expr, $ko:literal, $en:literal $(,)?) => {
        match $words.0 {
            crate::config::chat::Locale::Ko => format!($ko),
            crate::config::chat::Locale::En => format!($en),
        }
    };
}

mod beside;
mod checks;
mod corrections;
mod diff;
mod drift;
mod export;
mod failure;
mod hold;
mod reasons;
mod republished;
mod run;
mod source;
mod table;
mod verify;
mod warning;
mod why;

use jiff::civil::{Date, Weekday};

use crate::chat::escape;
use crate::config::chat::Locale;
pub(crate) use crate::report::number;

/// Characters of a foreign value within a sentence.
const VALUE_CHARS: usize = 80;
/// Characters of a key or a name within a list.
const KEY_CHARS: usize = 40;
/// Characters of a reason that people gave.
const REASON_CHARS: usize = 200;

/// The sentences of one language.
#[derive(Debug, Clone, Copy)]
pub struct Words(Locale);

impl Words {
    /// The sentences of `locale`.
    pub fn of(locale: Locale) -> Self {
        Self(locale)
    }

    fn pick<T>(self, ko: T, en: T) -> T {
        match self.0 {
            Locale::Ko => ko,
            Locale::En => en,
        }
    }

    /// A day with its weekday: `2026-10-06 (화)`.
    pub(crate) fn day(self, day: Date) -> String {
        let weekday = match day.weekday() {
            Weekday::Monday => self.pick("월", "Mon"),
            Weekday::Tuesday => self.pick("화", "Tue"),
            Weekday::Wednesday => self.pick("수", "Wed"),
            Weekday::Thursday => self.pick("목", "Thu"),
            Weekday::Friday => self.pick("금", "Fri"),
            Weekday::Saturday => self.pick("토", "Sat"),
            Weekday::Sunday => self.pick("일", "Sun"),
        };
        format!("{day} ({weekday})")
    }

    /// How long something took: `0.4초`, `42초`, `1분 12초`.
    pub(crate) fn duration(self, ms: u64) -> String {
        let seconds = ms / 1000;
        match seconds {
            0..10 => format!("{}.{}{}", seconds, ms % 1000 / 100, self.pick("초", " s")),
            10..60 => format!("{seconds}{}", self.pick("초", " s")),
            _ => {
                let (minutes, seconds) = (number(seconds / 60), seconds % 60);
                self.pick(format!("{minutes}분 {seconds}초"), format!("{minutes} min {seconds} s"))
            }
        }
    }

    /// A long time: `50분`, `3시간`, `9시간 5분`.
    pub(crate) fn hours(self, minutes: u64) -> String {
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let h = number(hours);
        match (hours, minutes) {
            (0, minutes) => self.pick(format!("{minutes}분"), format!("{minutes} min")),
            (_, 0) => self.pick(format!("{h}시간"), format!("{h} h")),
            (_, minutes) => self.pick(format!("{h}시간 {minutes}분"), format!("{h} h {minutes} min")),
        }
    }

    /// A number of products: `9,812개`.
    pub(crate) fn products(self, n: u64) -> String {
        let plural = if n == 1 { "" } else { "s" };
        self.pick(format!("{}개", number(n)), format!("{} product{plural}", number(n)))
    }

    /// How far a number moved, as people say it: `−98%`, `+4.5%`, and from three times on `9배`. Nothing for what was
    /// nothing before.
    pub(crate) fn moved(self, before: u64, now: u64) -> Option<String> {
        let (before, now) = ((before > 0).then_some(u128::from(before))?, u128::from(now));
        let tenths = |part: u128, of: u128| (part * 10 + of / 2) / of;
        let shown = |tenths: u128| match (u64::try_from(tenths / 10).unwrap_or(u64::MAX), tenths % 10) {
            (whole, part @ 1..) if whole < 10 => format!("{}.{part}", number(whole)),
            (whole, part) => number(whole + u64::from(part >= 5)),
        };
        if now >= 3 * before {
            let times = shown(tenths(now, before));
            return Some(say!(self, "{times}배", "{times}×"));
        }
        let sign = if now < before { '−' } else { '+' };
        // What is left of almost nothing is not nothing.
        let most = if now == 0 { 1000 } else { 990 };
        let share = tenths(now.abs_diff(before) * 100, before);
        Some(format!("{sign}{}%", shown(if now < before { share.min(most) } else { share })))
    }

    /// What stands for the rest of a list: `… 외 14건`.
    pub(crate) fn more(self, n: u64) -> String {
        self.pick(format!("… 외 {}건", number(n)), format!("… and {} more", number(n)))
    }
}

/// Foreign texts as a list.
fn codes(texts: &[String], chars: usize) -> String {
    texts.iter().map(|text| escape::code(text, chars)).collect::<Vec<_>>().join(", ")
}

/// A size as people read it: `812 B`, `3.2 MB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut unit = 1;
    for (name, next) in [("B", 1000), ("kB", 1_000_000), ("MB", 1_000_000_000)] {
        if bytes < next {
            return amount(bytes, unit, name);
        }
        unit = next;
    }
    amount(bytes, unit, "GB")
}

fn amount(bytes: u64, unit: u64, name: &str) -> String {
    if unit == 1 {
        return format!("{bytes} {name}");
    }
    let tenths = bytes / (unit / 10);
    format!("{}.{} {name}", number(tenths / 10), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_reads_as_people_say_it() {
        let [ko, en] = [Locale::Ko, Locale::En].map(Words::of);
        for (before, now, korean, english) in [
            (12_900, 9_900, "−23%", "−23%"),
            (10_000, 200, "−98%", "−98%"),
            (1_000, 1, "−99%", "−99%"),
            (1_000, 0, "−100%", "−100%"),
            (10_000, 9_380, "−6.2%", "−6.2%"),
            (100, 200, "+100%", "+100%"),
            (100, 299, "+199%", "+199%"),
            (100, 300, "3배", "3×"),
            (79_900, 359_550, "4.5배", "4.5×"),
            (79_900, 799_000, "10배", "10×"),
            (1_000_000, 1_000_999, "+0.1%", "+0.1%"),
            (5, 5, "+0%", "+0%"),
            (1, u64::MAX, "18,446,744,073,709,551,615배", "18,446,744,073,709,551,615×"),
        ] {
            assert_eq!(ko.moved(before, now).as_deref(), Some(korean));
            assert_eq!(en.moved(before, now).as_deref(), Some(english));
        }
        assert_eq!(ko.moved(0, 100), None);
    }

    #[test]
    fn numbers_read_well() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(n), text);
        }
        for (n, text) in
            [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_249_999, "3.2 MB"), (2_000_000_000, "2.0 GB")]
        {
            assert_eq!(size(n), text);
        }
        let [ko, en] = [Locale::Ko, Locale::En].map(Words::of);
        for (ms, korean, english) in [
            (49, "0.0초", "0.0 s"),
            (1480, "1.4초", "1.4 s"),
            (42_999, "42초", "42 s"),
            (72_000, "1분 12초", "1 min 12 s"),
        ] {
            assert_eq!((ko.duration(ms).as_str(), en.duration(ms).as_str()), (korean, english));
        }
        assert_eq!(
            (ko.products(1), en.products(1), en.products(2)),
            ("1개".into(), "1 product".into(), "2 products".into())
        );
        for (minutes, korean, english) in
            [(50, "50분", "50 min"), (180, "3시간", "3 h"), (545, "9시간 5분", "9 h 5 min")]
        {
            assert_eq!((ko.hours(minutes).as_str(), en.hours(minutes).as_str()), (korean, english));
        }
        assert_eq!(ko.day(jiff::civil::date(2026, 10, 6)), "2026-10-06 (화)");
    }
}
