//! A title that was clean at a glance is the one that cleaning makes.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    map::{FieldMap, Fields},
    product::Product,
    transform::tests::config,
};

const PART: &str = "([a-zA-Z0-9]|책장| |  |[<>&;+?]|&amp;|<b>|é|\u{ad}|\\t|\\PC){0,12}|(책장 ){30}";

proptest! {
    #[test]
    fn a_title_that_is_clean_at_a_glance_is_as_cleaning_makes_it(
        (name, kind, design) in (PART, PART, PART), prefix in "(이케아)?| |IKEA ", without in PART,
    ) {
        let text = json!({"name": name, "typeName": kind, "validDesignText": design}).to_string();
        let fields = json!({
            "id": "/itemNo", "name": "/name", "price": "/price", "link": "/link", "images": ["/image"],
            "title": ["/name", ["/typeName", "/name"], "/validDesignText"], "title_without": [without, design],
            "categories": {"names": ["/shelf"]},
        });
        let map: FieldMap = serde_json::from_value::<Fields>(fields).unwrap().try_into().unwrap();
        let product = Product::read(&map, text.as_bytes()).unwrap();
        let member = Member::listed(&map, &product);
        let mut config = config();
        config.title_prefix = Some(prefix);
        let transform = Transform::new(config);
        let (mut title, mut cleaned) = ("before".to_owned(), "before".to_owned());
        let seen = transform.title(&member, &mut title);
        let slow = transform.cleaned_title(&member, &mut cleaned);
        prop_assert_eq!(&title, &cleaned);
        prop_assert!(seen.covers(slow), "{seen:?} {slow:?} of {title:?}");
    }
}
