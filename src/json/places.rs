//! What stands where in a text: for people who look for the place of a value.
//!
//! It goes through whatever it is given, the beginning of a text included, and stops quietly where that is over.

use super::{JsonPointer, Scalar, elements, members, unescaped};

/// Keys below each other that are followed.
const DEEPEST: usize = 8;

/// The scalars of a value by the path to each, `most` at most; of an array its first element alone, which stands for all:
/// `/images/*/src`.
pub(crate) fn scalars(text: &[u8], most: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    follow(text, &mut Vec::new(), most, &mut found);
    found
}

fn follow(text: &[u8], way: &mut Vec<String>, most: usize, found: &mut Vec<(String, String)>) {
    if found.len() >= most || way.len() > DEEPEST {
        return;
    }
    if let Some(scalar) = Scalar::of(text) {
        found.push((way.concat(), scalar.as_str().to_owned()));
    }
    // A key of control characters is none of the source's.
    for (key, value) in members(text).filter(|(key, _)| !key.starts_with(b"\\u0000")) {
        way.push(JsonPointer::of(vec![unescaped(key).into_owned()]).to_string());
        follow(value, way, most, found);
        way.pop();
    }
    if let Some(first) = elements(text).next() {
        way.push("/*".to_owned());
        follow(first, way, most, found);
        way.pop();
    }
}

/// An open bracket.
struct Open {
    is_array: bool,
    /// The key of the member at hand.
    key: Option<String>,
    /// Elements that are over.
    before: usize,
}

/// Pointers to arrays of objects that begin in a text, outside other arrays, `most` at most.
pub(crate) fn arrays(text: &[u8], most: usize) -> Vec<String> {
    let (mut open, mut found, mut at) = (Vec::<Open>::new(), Vec::new(), 0);
    while let Some(byte) = text.get(at)
        && found.len() < most
    {
        at += 1;
        match byte {
            b'{' | b'[' => {
                if *byte == b'{'
                    && let Some((Open { is_array: true, before: 0, .. }, around)) = open.split_last()
                    && around.iter().all(|open| !open.is_array)
                {
                    let keys = around.iter().filter_map(|open| open.key.clone()).collect();
                    found.push(JsonPointer::of(keys).to_string());
                }
                open.push(Open { is_array: *byte == b'[', key: None, before: 0 });
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' => {
                if let Some(open) = open.last_mut() {
                    open.before += 1;
                }
            }
            b'"' => {
                let from = at;
                while let Some(byte) = text.get(at)
                    && *byte != b'"'
                {
                    at += if *byte == b'\\' { 2 } else { 1 };
                }
                let string = text.get(from..at).unwrap_or_default();
                at += 1;
                let rest = text.get(at..).unwrap_or_default().trim_ascii_start();
                if let Some(open) = open.last_mut().filter(|_| rest.first() == Some(&b':')) {
                    open.key = Some(unescaped(string).into_owned());
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_found_by_their_paths() {
        let text = br#"{"id": 7, "a/b": {"c": "x", "d": null}, "images": [{"src": "u"}, {"src": "v"}], "tags": ["t"]}"#;
        let found = scalars(text, 100);
        let paths: Vec<_> = found.iter().map(|(path, value)| format!("{path}={value}")).collect();
        assert_eq!(paths, ["/id=7", "/a~1b/c=x", "/images/*/src=u", "/tags/*=t"]);
        assert_eq!(scalars(text, 2).len(), 2);
        assert!(scalars(b"{\"a\": ", 9).is_empty());
    }

    #[test]
    fn arrays_of_objects_are_found_though_the_text_breaks_off() {
        for (text, pointers) in [
            (r#"[{"a":[{}]}]"#, &[""][..]),
            (r#"{"meta":{"tags":["x"],"n":1},"data":{"list":[ {"id":1,"more":[{}]},{"#, &["/data/list"]),
            (r#"{"a":[[{}]],"b":[1,{}],"c\"":[{"x":"]"}],"d":[{}"#, &["/c\"", "/d"]),
            ("", &[]),
            (r#"{"a"#, &[]),
            (r#"{"a":"\"#, &[]),
        ] {
            assert_eq!(arrays(text.as_bytes(), 9), pointers, "{text}");
        }
    }
}
