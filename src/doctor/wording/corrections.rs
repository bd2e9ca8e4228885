//! Sentences about a merchant's own corrections.

use crate::{
    chat::escape::plain,
    config::chat::Locale,
    corrections::Corrections,
    doctor::{Check, Finding},
    report::number,
    slack::wording::Words,
};

/// Characters of a detail.
const DETAIL_CHARS: usize = 300;

pub(in crate::doctor) fn no_corrections() -> Finding {
    Finding::ok(Check::Corrections, "no table is set, and none is needed")
}

pub(in crate::doctor) fn corrections(read: Result<Corrections, String>) -> Finding {
    let check = Check::Corrections;
    let told = match read {
        Ok(corrections) => corrections.told_of_lines(),
        Err(reason) => {
            let mend = "Mend CORRECTIONS_URL, or what it leads to: exports use the last good copy for a week, and then go on \
                        without corrections.";
            return Finding::warn(check, format!("the table cannot be read: {reason}"), mend);
        }
    };
    let found = match told.lines {
        1 => "1 line is in force".to_owned(),
        n => format!("{} lines are in force", number(n)),
    };
    if !told.needs_a_look() {
        return Finding::ok(check, found);
    }
    let mend = "Mend or remove the lines that its details name: \"Corrections without code\" in deploy/README.md says what a line holds.";
    let words = Words::of(Locale::En);
    let details = words.lines_not_in_force(&told).into_iter().map(|line| plain(&line, DETAIL_CHARS));
    Finding::warn(check, format!("{found}, others are not"), mend).with(details)
}
