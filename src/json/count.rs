//! How many values a JSON text holds, before anything is made of them: a text of some megabytes can become a hundred
//! times as much memory.

use super::value::end_of_string;

/// At least as many values as the text holds, at every depth; hardly more where it is JSON.
pub(crate) fn values(text: &[u8]) -> usize {
    let (mut count, mut at) = (1, 0);
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b',' | b'[' | b'{' => count += 1,
            b'"' => at = end_of_string(text, at).unwrap_or(text.len()),
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_missed_and_what_stands_in_strings_is_none() {
        for (text, count) in [
            ("7", 1),
            ("[]", 2),
            ("[1,2]", 3),
            (r#"{"a":0}"#, 2),
            (r#"[{"a":0},{"b":[1,"x"]}]"#, 7),
            (r#"["a,[{\",\\","b"]"#, 3),
            (r#"["\u0022,","\\",1]"#, 4),
            (r#"["\"#, 2),
            (r#"["never ends,,"#, 2),
            ("", 1),
        ] {
            assert_eq!(values(text.as_bytes()), count, "{text}");
        }
    }
}
