use proptest::prelude::*;

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
    mut cuts: Vec<usize>,
    deepest: usize,
) -> Result<Option<usize>, SkimError> {
    let mut skim = Skim { level, ..Skim::new() };
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
}
