use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn mended(raw: &str) -> String {
    String::from_utf8(mend(raw.as_bytes()).text).unwrap()
}

#[test]
fn sound_json_stays_what_it_says() {
    for raw in [r#"{}"#, r#"{"a":[1,-2.5e3,true,null,"\ud83d\udca1 \u00e5 \\ \" \/",{"b":[]}],"c":{}}"#] {
        let (before, after): (Value, Value) =
            (serde_json::from_str(raw).unwrap(), serde_json::from_str(&mended(raw)).unwrap());
        assert_eq!(before, after);
    }
}

#[test]
fn a_bad_scalar_is_replaced_and_nothing_else() {
    for (raw, expected) in [
        (r#"{"a":"x \ud83d y"}"#, r#"{"a":"x  y"}"#),
        (r#"{"a":"\udca1\ud83d\ud83d\udca1"}"#, r#"{"a":"\ud83d\udca1"}"#),
        ("{\"a\":\"x\ny\u{1}z\"}", r#"{"a":"x y z"}"#),
        (r#"{"a":NaN,"b":-Infinity,"c":1}"#, r#"{"a":"\u0000bare:NaN","b":"\u0000bare:-Infinity","c":1}"#),
        (
            r#"{"a":1e999,"b":tru,"c":.5}"#,
            r#"{"a":"\u0000bare:1e999","b":"\u0000bare:tru","c":"\u0000bare:.5"}"#,
        ),
        (r#"{"a":"\x41\u12"}"#, r#"{"a":"x41u12"}"#),
    ] {
        assert_eq!(mended(raw), expected, "{raw}");
    }
    let broken = mend(b"{\"a\":\"x\xff\xfey\"}");
    assert_eq!((broken.text, broken.not_utf8), ("{\"a\":\"x\u{fffd}y\"}".as_bytes().to_vec(), true));
}

#[test]
fn the_object_around_broken_structure_says_so_and_no_other() {
    for (raw, expected) in [
        (r#"{"a" 1,"b":2}"#, r#"{"a":1,"b":2,"\u0000damaged":true}"#),
        (r#"{"a":1,,"b":2}"#, r#"{"a":1,"b":2,"\u0000damaged":true}"#),
        (r#"{"a":{"x" 1},"b":2}"#, r#"{"a":{"x":1,"\u0000damaged":true},"b":2}"#),
        (r#"{"a":[1 2],"b":2}"#, r#"{"a":[1,2],"b":2,"\u0000damaged":true}"#),
        (r#"{"a":,"b":2}"#, r#"{"a":null,"b":2,"\u0000damaged":true}"#),
        (r#"{{"x":1},"b":2,}"#, r#"{"b":2,"\u0000damaged":true}"#),
        (r#"{"a":{"b":"c"#, r#"{"a":{"b":"c","\u0000damaged":true},"\u0000damaged":true}"#),
        (r#"{"a":1},"b":2}"#, r#"{"a":1,"\u0000damaged":true}"#),
        (r#"{"a":1}} x"#, r#"{"a":1,"\u0000damaged":true}"#),
        (r#"{}]"#, r#"{"\u0000damaged":true}"#),
        (r#"{"a":[1}"#, r#"{"a":[1],"\u0000damaged":true}"#),
    ] {
        assert_eq!(mended(raw), expected, "{raw}");
    }
}

#[test]
fn an_object_that_begins_behind_is_told_where() {
    for (raw, next) in [
        (r#"{"a":1}{"b":2}"#, Some(7)),
        (r#"{"a":1} , {"b":2}"#, Some(10)),
        (r#"{"a":1},"#, None),
        (r#"{"a":1}  "#, None),
        (r#"{"a":1}"b""#, None),
    ] {
        assert_eq!(mend(raw.as_bytes()).next, next, "{raw}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_a_parser_takes_the_result(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "[\\[\\]{}:,\"\\\\ud83da1tN.e \u{1}\u{e9}-]{0,60}".prop_map(String::into_bytes),
        ],
    ) {
        let raw = [b"{".as_slice(), &bytes].concat();
        let mended = mend(&raw);
        prop_assert!(serde_json::from_slice::<Value>(&mended.text).is_ok(), "{:?}", String::from_utf8_lossy(&mended.text));
        let brackets = raw.iter().filter(|byte| b"{[".contains(byte)).count();
        prop_assert!(mended.text.len() <= 3 * raw.len() + 64 * brackets);
    }
}
