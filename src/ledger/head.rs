//! What every record says of itself: its version and whose it is, whatever else stands in it.
//!
//! It never holds more of a record than these two.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct Head {
    /// None where no number stands there.
    #[serde(default, deserialize_with = "number")]
    pub version: Option<u64>,
    /// None where the member is not there; nothing where it is no text, which is nobody of ours.
    #[serde(default, deserialize_with = "text")]
    pub owner: Option<String>,
}

impl Head {
    /// Or why it is no record.
    pub fn of(text: &[u8]) -> Result<Self, String> {
        // A list would be taken for its members in order.
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err("no JSON object".to_owned());
        }
        serde_json::from_slice(text).map_err(|e| format!("no JSON ({e})"))
    }
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_u64())
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(Value::deserialize(deserializer)?.as_str().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_owner_are_read_whatever_stands_beside_them() {
        for (text, version, owner) in [
            (r#"{"version": 1, "owner": "a\u002fb"}"#, Some(1), Some("a/b")),
            (r#" {"pad": [{"version": 7}], "owner": "", "version": 2}"#, Some(2), Some("")),
            (r#"{"version": "1", "owner": null}"#, None, Some("")),
            (r#"{"version": -1, "owner": {"of": [1]}}"#, None, Some("")),
            ("{}", None, None),
        ] {
            let head = Head::of(text.as_bytes()).unwrap();
            assert_eq!((head.version, head.owner.as_deref()), (version, owner), "{text}");
        }
    }

    #[test]
    fn what_is_no_object_and_what_says_one_thing_twice_is_no_record() {
        for text in [
            "",
            "[1]",
            "7",
            "{",
            "{\"version\": 1",
            r#"{"version":1,"version":1}"#,
            r#"{"owner":"a","owner":"b"}"#,
        ] {
            assert!(Head::of(text.as_bytes()).is_err(), "{text}");
        }
    }
}
