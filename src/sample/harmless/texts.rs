//! Names and texts that have to be cleaned.

use serde_json::json;

use super::{
    super::{
        listing::Fields,
        raw::{BYTES, CONTROL, ESCAPE, HIGH, LOW, TAB},
    },
    Harmless,
};

/// What is left of texts that were read in a wrong encoding.
pub(in super::super) const DESTROYED: [&str; 4] = [
    "\u{fffd}\u{fffd}장 화이트",
    "ì±\u{85}ì\u{9e}¥ í\u{99}\u{94}ì\u{9d}´í\u{8a}¸",
    "梨낆옣 �솕�씠�듃",
    "??? ???? ??",
];

pub(super) fn soil(fields: &mut Fields, kind: Harmless, turn: u64) {
    let name = fields.text("name").to_owned();
    match kind {
        Harmless::Markup => {
            fields.set("name", json!(format!("<b>{name}</b> &amp; &quot;친구&quot;&nbsp;<br/>&#44032;")));
        }
        Harmless::ControlCharacters => {
            fields.set("name", json!(format!("{name}\t탭\r\n줄\u{0}널\u{7}벨\u{1b}[0m\u{85}\u{2028}끝")));
        }
        Harmless::RawControl => {
            fields.set("name", json!(format!("{name}{TAB}선반")));
            fields.set("validDesignText", json!(format!("흰{CONTROL}색")));
        }
        Harmless::Emoji => fields.set("typeName", json!("의자 🪑👨‍👩‍👧‍👦 \u{200b}\u{feff}")),
        Harmless::LongName => fields.set("name", json!(format!("{name} {}", "아주 긴 이름 ".repeat(30)))),
        Harmless::Surrogates => match turn % 3 {
            0 => fields.set("quickFacts", json!([format!("깨진 이모지 {HIGH}")])),
            1 => fields.set("typeName", json!(format!("의자 {HIGH}{LOW} {HIGH}"))),
            _ => fields.set("name", json!(format!("{LOW}{name} 💡{HIGH}{HIGH}"))),
        },
        // In a title it would be destroyed text.
        Harmless::OtherBytes => match turn % 2 {
            0 => level(fields, &format!("선반 {BYTES}")),
            _ => fields.set("name", json!(format!("{name} {ESCAPE}"))),
        },
        // One title in a thousand is already worth a warning.
        Harmless::Destroyed => match turn % 8 {
            7 => fields.set("name", json!(DESTROYED[(turn / 8 % 4) as usize])),
            _ => fields.set("quickFacts", json!(DESTROYED)),
        },
        // zero-width space, soft hyphen, Hangul filler, variation selector, tag, private use, noncharacter
        _ => {
            let parts = "\u{200b}|\u{ad}|\u{3164}|\u{fe0f}|\u{e0041}|\u{f8ff}|\u{fdd0}|\u{2064}";
            fields.set("name", json!(parts.replace('|', &name)));
            fields.set("validDesignText", json!("\u{3164}\u{ffa0}"));
        }
    }
}

/// The path's last level gets this name.
fn level(fields: &mut Fields, name: &str) {
    let mut path = fields.get("categoryPath").cloned().unwrap_or_default();
    path.as_array_mut().expect("a clean product has a path").push(json!({"name": name, "key": "lamps"}));
    fields.set("categoryPath", path);
}
