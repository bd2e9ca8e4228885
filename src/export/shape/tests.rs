use super::*;
use crate::{preset::Preset, product::Product, report::ShapeChange};

const WHOLE: &str = r#"{"id": 1, "name": "a", "price": {"now": 5}, "url": "u", "image": "i"}"#;
const RENAMED: &str = r#"{"id": 1, "name": "a", "price": {"amount": 5}, "url": "u", "image": "i"}"#;
const NULL: &str = r#"{"id": 1, "name": "a", "price": {"now": null}, "url": "u", "image": "i"}"#;

fn map() -> FieldMap {
    let map = r#"{"product": {"id": "/id", "name": "/name", "title": ["/name"], "price": "/price/now",
        "link": "{base}{/url}", "images": ["/image"], "categories": {"names": ["/c"]}}}"#;
    Preset::described(map).unwrap().map().unwrap()
}

/// What is found of products in parts of `part`.
fn found(products: &[&str], part: usize) -> Option<ShapeChange> {
    let (map, mut watch) = (map(), Watch::default());
    for part in products.chunks(part) {
        let mut shapes = Shapes::default();
        for text in part {
            let product = Product::read(&map, text.as_bytes()).unwrap();
            shapes.note(&Member::listed(&map, &product), text.as_bytes(), &Discretion::default());
        }
        watch.take(shapes);
    }
    watch.change(&map)
}

fn all(parts: &[(usize, &'static str)]) -> Vec<&'static str> {
    parts.iter().flat_map(|(n, text)| std::iter::repeat_n(*text, *n)).collect()
}

#[test]
fn many_products_in_a_row_without_what_others_have_are_a_change_of_shape() {
    for (parts, expected) in [
        (&[(60, WHOLE), (40, RENAMED)][..], Some((61, 40))),
        (&[(40, RENAMED), (60, WHOLE)], Some((1, 40))),
        (&[(60, WHOLE), (20, RENAMED), (20, WHOLE)], Some((61, 20))),
        (&[(60, WHOLE), (25, RENAMED), (2, WHOLE), (30, RENAMED), (900, WHOLE)], Some((88, 30))),
        (&[(60, WHOLE), (19, RENAMED), (20, WHOLE)], None),
        (&[(4000, WHOLE), (30, RENAMED)], None),
        (&[(100, WHOLE), (40, NULL)], None),
        (&[(100, RENAMED)], None),
        (&[(100, WHOLE)], None),
        (&[], None),
    ] {
        for part in [1, 7, 64, 5000] {
            let found = found(&all(parts), part);
            let place = found.as_ref().map(|change| (change.first, change.products));
            assert_eq!(place, expected, "{parts:?} in parts of {part}");
            if let Some(change) = found {
                let ShapeChange { field, id, gone, new, .. } = change;
                assert_eq!((&*field, &*id), ("price", "1"));
                assert_eq!((gone, new), (vec!["/price/now".to_owned()], vec!["/price/amount".to_owned()]));
            }
        }
    }
}

#[test]
fn products_without_a_price_here_and_there_are_none() {
    let mixed: Vec<_> = (0..5000).map(|n| if n % 10 == 3 { RENAMED } else { WHOLE }).collect();
    assert_eq!(found(&mixed, 64), None);
}

#[test]
fn what_was_renamed_is_named_before_what_the_product_has_besides() {
    let besides = r#""image": "i", "more": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6}"#;
    let whole = r#"{"id": 1, "name": "a", "price": {"now": 5, "old": 6}, "url": "u", "image": "i", "more": {"z": 1}}"#;
    let odd = format!(
        r#"{{"id": 1, "name": "a", "url": "u", {besides}, "cost": {{"of": {{"all": 1}}, "now": 5}}}}"#
    );
    let products: Vec<_> = std::iter::repeat_n(whole, 100).chain(std::iter::repeat_n(&*odd, 100)).collect();
    let change = found(&products, 64).unwrap();
    assert_eq!(change.gone[..2], ["/price/now", "/price/old"]);
    assert_eq!(change.new[..3], ["/cost/now", "/cost/of/all", "/more/a"]);
}

#[test]
fn the_id_is_the_first_products_or_none() {
    let numbered = |text: &str, id: usize| text.replacen("1", &id.to_string(), 1);
    // Of so many that lack a price here and there the first of the run is not told any more.
    let products: Vec<_> = (0..1000)
        .map(|n| {
            numbered(if (n < 200 && n % 11 == 3) || (150..400).contains(&n) { RENAMED } else { WHOLE }, n)
        })
        .collect();
    let texts: Vec<_> = products.iter().map(String::as_str).collect();
    for (part, id) in [(1000, ""), (300, ""), (10, "150")] {
        let change = found(&texts, part).unwrap();
        assert_eq!((change.first, change.products, change.id.as_str()), (151, 250, id), "{part}");
    }
}
