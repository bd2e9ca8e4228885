//! Is a text what somebody wrote, or what is left of it after it was read in a wrong encoding?
//!
//! A text is called destroyed only where nobody would have written it so. A wrong reading is proven by undoing it: what
//! was read byte by byte is put back into bytes, and those are sound text in another encoding. Swedish, German or
//! French words, hanja, kana and emoji are never that. What was destroyed in a way that leaves too little to tell stays
//! unseen: among a feed's titles there are always others.

use crate::ep::plain::Glance;
use encoding_rs::{EUC_KR, WINDOWS_1252};

/// How much of a text is looked at: four times the longest title.
const MOST_BYTES: usize = 1200;

/// How a text was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Destroyed {
    /// U+FFFD stands for bytes that were no text to whoever read them: `책�`.
    ReplacementCharacter,
    /// UTF-8 read as Latin-1 or Windows-1252, with or without its control characters: `ì±ì¥`, `Ã„PPLARÃ–`.
    Latin1,
    /// UTF-8 read as CP949 (`梨낆옣`), or EUC-KR read as Latin-1 (`Ã¥Àå`).
    Cp949,
    /// Question marks where letters were: `TESTA ??? ??`.
    QuestionMarks,
}

impl Destroyed {
    /// Said of an example, in no language.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::ReplacementCharacter => "U+FFFD",
            Self::Latin1 => "UTF-8 ≠ Latin-1",
            Self::Cp949 => "UTF-8 ≠ CP949",
            Self::QuestionMarks => "???",
        }
    }
}

/// How a text was destroyed, if it was, by what was seen of it at a glance. It finds that before and after the text is cleaned.
pub fn glanced(text: &str, glance: Glance) -> Option<Destroyed> {
    if glance.is_of_letters() { None } else { sign_of(text) }
}

fn sign_of(text: &str) -> Option<Destroyed> {
    let text = &text[..text.floor_char_boundary(MOST_BYTES)];
    let (mut latin, mut hanja, mut question) = (false, false, false);
    for c in text.chars() {
        match c {
            '?' => question = true,
            '\0'..='\u{7f}' | '\u{ac00}'..='\u{d7a3}' => {}
            '\u{fffd}' => return Some(Destroyed::ReplacementCharacter),
            '\u{80}'..='\u{ff}' => latin = true,
            '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => hanja = true,
            _ => {}
        }
    }
    let by_latin = if latin { read_byte_by_byte(text) } else { None };
    by_latin
        .or_else(|| ((hanja || question) && utf8_as_cp949(text)).then_some(Destroyed::Cp949))
        .or_else(|| (question && question_marks(text)).then_some(Destroyed::QuestionMarks))
}

/// One run of characters that Latin-1 or Windows-1252 make of bytes beyond ASCII.
struct Run {
    bytes: Vec<u8>,
    /// Whether an ASCII letter stands right before it, as in a word with accents.
    in_word: bool,
}

fn read_byte_by_byte(text: &str) -> Option<Destroyed> {
    let runs = runs(text);
    if runs.iter().any(|run| std::str::from_utf8(&run.bytes).is_ok() && is_utf8(run)) {
        return Some(Destroyed::Latin1);
    }
    if euc_kr(&runs) {
        return Some(Destroyed::Cp949);
    }
    runs.iter().any(|run| is_utf8(run) || is_utf8_without_controls(run)).then_some(Destroyed::Latin1)
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let (mut before, mut goes_on) = ('\0', false);
    for c in text.chars() {
        let byte = byte(c);
        if let Some(byte) = byte {
            match runs.last_mut().filter(|_| goes_on) {
                Some(run) => run.bytes.push(byte),
                None => runs.push(Run { bytes: vec![byte], in_word: before.is_ascii_alphabetic() }),
            }
        }
        (before, goes_on) = (c, byte.is_some());
    }
    runs
}

/// The byte beyond ASCII that a character was read from, in Latin-1 or Windows-1252.
fn byte(c: char) -> Option<u8> {
    match u32::from(c) {
        latin1 @ 0x80..=0xff => u8::try_from(latin1).ok(),
        // Œ … ™, the others of Windows-1252
        0x152..=0x2122 => {
            let mut utf8 = [0; 4];
            let (bytes, _, unknown) = WINDOWS_1252.encode(c.encode_utf8(&mut utf8));
            bytes.first().copied().filter(|_| !unknown)
        }
        _ => None,
    }
}

/// Whether a run holds characters in UTF-8 that a Korean shop's texts are made of.
fn is_utf8(run: &Run) -> bool {
    let (mut sure, mut likely) = (0, 0);
    for chunk in run.bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match u32::from(c) {
                // Ä, é, ×: `Ã„`. Nobody writes Ã or Â before a symbol.
                // – “ ™ →: `â€“`. Nobody writes â before a euro sign or a quotation mark.
                0xa0..=0xff | 0x2010..=0x2bff | 0x1_0000.. => sure += 1,
                // Hangul, jamo, kana, ideographs, fullwidth forms, a byte order mark. A word may end in é before `…”`.
                0x1100..=0x11ff | 0x3000..=0x9fff | 0xac00..=0xd7a3 | 0xfeff | 0xff01..=0xffee => likely += 1,
                _ => {}
            }
        }
    }
    sure > 0 || likely > usize::from(run.in_word)
}

/// Whether a run is Hangul in UTF-8 (EA to ED, then two bytes of 80 to BF) of which the control characters (80 to 9F)
/// were dropped, as cleaning does: only ê ë ì í and symbols are left, which in words stand alone.
fn is_utf8_without_controls(run: &Run) -> bool {
    let leads = run.bytes.iter().filter(|byte| matches!(byte, 0xea..=0xed)).count();
    let symbols = run.bytes.iter().filter(|byte| matches!(byte, 0xa1..=0xbf)).count();
    leads + symbols == run.bytes.len() && (leads >= 2 || (leads == 1 && symbols > 0 && !run.in_word))
}

/// Whether the runs of a text are Hangul in EUC-KR, two syllables at least. Letters with accents stand alone in words,
/// or two at most.
fn euc_kr(runs: &[Run]) -> bool {
    let (mut syllables, mut lettered) = (0, 0);
    for run in runs.iter().filter(|run| run.bytes.len() > 1) {
        match hangul_pairs(&run.bytes).filter(|_| !run.in_word) {
            Some(found) => (syllables, lettered) = (syllables + found.0, lettered + found.1),
            None => return false,
        }
    }
    syllables >= 2 && lettered > 0
}

/// How many syllables in EUC-KR bytes are, and how many of those show a letter; symbols may stand among them. One second
/// byte may be lost: AD is a soft hyphen in Latin-1, which cleaning drops.
fn hangul_pairs(bytes: &[u8]) -> Option<(usize, usize)> {
    let is_lead = |byte: u8| matches!(byte, 0xb0..=0xc8);
    let is_letter = |bytes: &[u8]| usize::from(bytes.iter().any(|byte| *byte >= 0xc0));
    // What stands before each byte, read with nothing lost so far and with one byte lost.
    let mut read = vec![[None; 2]; bytes.len() + 1];
    read[0][0] = Some((0, 0));
    for i in 0..bytes.len() {
        for lost in 0..2 {
            let Some((syllables, lettered)) = read[i][lost] else { continue };
            match bytes.get(i..i + 2) {
                Some(pair @ &[lead, 0xa1..=0xfe]) if is_lead(lead) => {
                    read[i + 2][lost] = Some((syllables + 1, lettered + is_letter(pair)));
                }
                Some(&[0xa1..=0xac, 0xa1..=0xfe]) => read[i + 2][lost] = Some((syllables, lettered)),
                _ => {}
            }
            if lost == 0 && is_lead(bytes[i]) {
                read[i + 1][1] = Some((syllables + 1, lettered + is_letter(&bytes[i..=i])));
            }
        }
    }
    let [whole, with_one_lost] = read[bytes.len()];
    whole.or(with_one_lost)
}

/// Whether pieces of a text, put back into CP949, are the bytes of Hangul in UTF-8. Pieces end where bytes were lost.
fn utf8_as_cp949(text: &str) -> bool {
    let (mut characters, mut before) = (0, '\0');
    for piece in text.split_inclusive(|c: char| c.is_ascii() || is_other_hanja(c)) {
        let end = piece.chars().next_back().filter(|c| c.is_ascii() || is_other_hanja(*c));
        let word = end.map_or(piece, |end| &piece[..piece.len() - end.len_utf8()]);
        let end = end.unwrap_or('\0');
        if let Some(found) = hangul_in_cp949(word) {
            characters += match found {
                // Syllables that no Korean word has: two in a row, or one amid what could not be read (`?쒓?`).
                Found { count, rare } if rare == count && (count > 1 || before == '?') => 3,
                Found { count: 1, .. } => 0,
                // Two may be chance, as of a hanja and a syllable; not next to what could not be read.
                Found { count, .. } => count + usize::from(before == '?' || end == '?'),
            };
        }
        before = end;
    }
    characters >= 3
}

/// Whether a character is an ideograph that the first bytes of Hangul in UTF-8 do not come out as.
fn is_other_hanja(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
        && !matches!(EUC_KR.encode(c.encode_utf8(&mut [0; 4])).0[..], [0xea..=0xed, _])
}

/// Characters that, as CP949, are the bytes of Hangul in UTF-8.
struct Found {
    count: usize,
    /// How many are syllables beyond the 2,350 in use.
    rare: usize,
}

/// A word that, as CP949, is the bytes of Hangul in UTF-8: EA to ED and two of 80 to BF, in turn, begun anywhere. None
/// where it is all of syllables in use.
fn hangul_in_cp949(word: &str) -> Option<Found> {
    let (bytes, _, unknown) = EUC_KR.encode(word);
    if unknown || word.is_empty() {
        return None;
    }
    let in_turn = |first: usize| {
        bytes.iter().enumerate().all(|(i, byte)| match (i + first) % 3 {
            0 => matches!(byte, 0xea..=0xed),
            _ => matches!(byte, 0x80..=0xbf),
        })
    };
    let count = |is_it: fn(&[u8]) -> bool| bytes.chunks(2).filter(|pair| is_it(pair)).count();
    let rare = count(|pair| pair.iter().any(|byte| *byte < 0xa1));
    let hanja = count(|pair| pair[0] >= 0xca);
    let found = (0..3).any(in_turn) && rare + hanja > 0;
    found.then(|| Found { count: word.chars().count(), rare })
}

/// Whether words of a text are question marks only, and more than its end: a title may end in some, each word of a
/// destroyed one is some.
fn question_marks(text: &str) -> bool {
    let parts =
        |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '/' | ',' | '|');
    let (mut words, mut lone, mut long, mut followed) = (0, 0, 0, false);
    for token in text.split(parts).filter(|token| !token.is_empty()) {
        if token.bytes().all(|byte| byte == b'?') {
            lone += 1;
            long += usize::from(token.len() > 1);
        } else if token.contains(char::is_alphanumeric) {
            words += 1;
            followed |= long > 0;
        }
    }
    long > 0 && (words == 0 || followed || lone > 1)
}

#[cfg(test)]
mod tests;
