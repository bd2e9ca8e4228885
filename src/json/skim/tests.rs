use proptest::{prelude::*, sample::select};

use super::*;

/// The same, byte by byte.
fn plainly(text: &[u8], deepest: usize) -> Result<Option<usize>, SkimError> {
    let (mut open, mut in_string, mut escaped) = (Vec::new(), false, false);
    for (at, byte) in text.iter().copied().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' if open.is_empty() => return Ok(Some(at + 1)),
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' if open.len() >= deepest => return Err(SkimError::TooDeep(at)),
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' | 0 => {
                if open.pop() != Some(byte) {
                    return Err(SkimError::Unexpected(at, byte));
                }
                if open.is_empty() {
                    return Ok(Some(at + 1));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// In pieces that end at `cuts`, on one kind of machine.
fn in_pieces(
    level: Level,
    text: &[u8],
    cuts: Vec<usize>,
    deepest: usize,
) -> Result<Option<usize>, SkimError> {
    run(&mut Skim { level, ..Skim::new() }, text, cuts, deepest)
}

fn run(
    skim: &mut Skim,
    text: &[u8],
    mut cuts: Vec<usize>,
    deepest: usize,
) -> Result<Option<usize>, SkimError> {
    assert!(skim.start(text[0], deepest));
    cuts.extend([0, text.len()]);
    cuts.iter_mut().for_each(|cut| *cut = (*cut).min(text.len()));
    cuts.sort_unstable();
    for cut in cuts.windows(2) {
        let from = cut[0];
        let end = skim.run(&text[from..cut[1]]).map_err(|error| match error {
            SkimError::Unexpected(at, byte) => SkimError::Unexpected(from + at, byte),
            SkimError::TooDeep(at) => SkimError::TooDeep(from + at),
        })?;
        if let Some(end) = end {
            return Ok(Some(from + end));
        }
    }
    Ok(None)
}

proptest! {
    #[test]
    fn a_value_ends_where_it_ends_byte_by_byte_however_it_is_cut(
        first in prop::sample::select(&b"{[\""[..]),
        rest in prop_oneof![
            r#"[\[\]{}"\\a]{0,40}"#,
            r#"([{}\[\]]|"([a-z가]{0,9}|\\.){0,9}"|[a,: ]{1,30}){0,40}"#,
            r#"(\{"[a-z]{0,70}":|\[|"(\\"|\\\\|[ab]){0,30}",|\}|\]|[\x00]?){0,40}"#,
        ],
        cuts in prop::collection::vec(0..300_usize, 0..4),
        deepest in prop_oneof![Just(usize::MAX), 0..4_usize],
    ) {
        let text = [&[first][..], rest.as_bytes()].concat();
        for level in [Level::new(), Level::baseline()] {
            prop_assert_eq!(in_pieces(level, &text, cuts.clone(), deepest), plainly(&text, deepest));
        }
    }

    #[test]
    fn a_key_of_the_value_itself_is_met_however_it_is_cut(
        parts in prop::collection::vec(select(&[
            "{", "}", "[", "]", "\"type\":", "\"type\"", "\"typ\"", "\"a\":", "\"type\\\\\":", "\"\\\"type\"", "1", ",", " ",
            "\"a rather long text, so that blocks are filled by it in some way or other\"",
        ][..]), 0..40),
        cuts in prop::collection::vec(0..900_usize, 0..4),
    ) {
        let text = format!("{{{}", parts.concat());
        let whole = plainly(text.as_bytes(), usize::MAX);
        // Byte by byte: whether the name stands in no bracket but the first, within a string or not.
        let end = match whole { Ok(end) => end.unwrap_or(text.len()), Err(_) => 0 };
        let depth = |at: usize| plainly_open(&text.as_bytes()[..at]);
        let may_be_met = |name: &str| text[..end].match_indices(name).any(|(at, _)| depth(at) == Some(1));
        for level in [Level::new(), Level::baseline()] {
            let mut skim = Skim { level, ..Skim::watching([Some("type"), Some("a")]) };
            let found = run(&mut skim, text.as_bytes(), cuts.clone(), usize::MAX);
            prop_assert_eq!(&found, &whole);
            if found.is_ok() {
                for (nth, name) in ["\"type\"", "\"a\""].into_iter().enumerate() {
                    prop_assert!(skim.met()[nth] || !may_be_met(name), "{} in {}", name, text);
                }
            }
        }
    }

    #[test]
    fn a_key_that_stands_only_deeper_is_not_met_in_one_piece(deep in "[a-z\\[\\]]{0,90}", texts in "[a-z ,]{0,200}") {
        let deep = serde_json::json!({ "x": texts, "y": [{ "type": deep }], "z": { "type": [], "kind": "types" } }).to_string();
        let mut skim = Skim::watching([Some("type"), Some("kin")]);
        prop_assert_eq!(run(&mut skim, deep.as_bytes(), Vec::new(), usize::MAX), Ok(Some(deep.len())));
        prop_assert_eq!((skim.met(), skim.has_ascii_escapes()), ([false; 2], false));
    }
}

/// How many brackets are open behind a text that begins with one; none inside a string.
fn plainly_open(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    (!in_string).then_some(depth)
}
