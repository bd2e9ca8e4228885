use super::*;

fn at(path: &str, text: &str) -> Result<Vec<String>, String> {
    let path = Path::parse(path)?;
    let all = path.all(text.as_bytes()).map_err(|miss| miss.told(&Discretion::default()))?;
    Ok(all.into_iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect())
}

#[test]
fn a_path_leads_to_every_value_that_it_fits() {
    let text = r#" {"a": {"b": [1, {"c": "x", "d": [7, 8]}, {"c": "y", "d": [9]}, {"c": 5, "d": []}]}, "/": 3, "a": 0} "#;
    for (path, found) in [
        ("/a/b/0", &["1"][..]),
        ("/a/b/*/c", &["\"x\"", "\"y\"", "5"]),
        ("/a/b/*[c=y]/d/*", &["9"]),
        ("/a/b/*[c=5]/d/*", &[]),
        ("/a/b/*/d/*", &["7", "8", "9"]),
        ("/a/b/1/d/1", &["8"]),
        ("/~1", &["3"]),
    ] {
        assert_eq!(at(path, text).unwrap(), found, "{path}");
        assert_eq!(Path::parse(path).unwrap().to_string(), path);
    }
    let escaped = r#"{"\"": 1, "\\\"": 2}"#;
    assert_eq!(
        (at("/\"", escaped).unwrap(), at("/\\\"", escaped).unwrap()),
        (vec!["1".into()], vec!["2".into()])
    );
    assert_eq!(at("", " 7 ").unwrap(), ["7"]);
    assert_eq!(at("/*", "[]").unwrap(), [""; 0], "an empty array is an answer");
    assert_eq!(at("/\u{ac00}", "\u{feff}{\"\\uac00\":1}").unwrap(), ["1"]);
}

#[test]
fn where_it_fits_nothing_it_says_what_is_there() {
    let text = r#"{"a": {"b": [{"c": "x"}, {"c": "y"}], "e": 7, "n": null}}"#;
    for (path, said) in [
        ("/x", r#"expected "x" at the top, found an object (there are "a")"#),
        ("/a/c/d", r#"expected "c" at /a, found an object (there are "b", "e", "n")"#),
        ("/a/e/x", r#"expected "x" at /a/e, found a number"#),
        ("/a/n/*", "expected an array at /a/n, found null"),
        ("/a/*", r#"expected an array at /a, found an object (there are "b", "e", "n")"#),
        ("/a/b/*/d", r#"expected "d" at /a/b/*, found an object (there are "c")"#),
        ("/a/b/*[c=z]", r#"expected an element of /a/b whose "c" is "z", found "x", "y""#),
        ("/a/b/*[d=z]", r#"expected an element of /a/b whose "d" is "z", found 2 elements without it"#),
        ("/a/b/7", r#"expected "7" at /a/b, found an array"#),
    ] {
        assert_eq!(at(path, text).unwrap_err(), said, "{path}");
    }
    assert_eq!(at("/x", "").unwrap_err(), "expected \"x\" at the top, found nothing");
    for path in ["a", "/*[", "/*[]", "/*[=x]", "/*[a]", "/*[a=b"] {
        assert!(Path::parse(path).is_err(), "{path}");
    }
}

#[test]
fn only_a_path_to_one_place_is_a_pointer() {
    for (path, pointer) in [("/a/b~1", Some("/a/b~1")), ("", Some("")), ("/a/*", None), ("/*[a=b]/c", None)] {
        let path = Path::parse(path).unwrap();
        assert_eq!(Path::pointer(path.steps()).map(|p| p.to_string()).as_deref(), pointer);
    }
}
