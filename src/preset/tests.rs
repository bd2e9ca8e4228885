use super::*;

fn urls(preset: &Preset) -> [String; 3] {
    let window = Window { category: "st001", start: 0, end: 1000, ..Window::default() };
    [
        &preset.windows.as_ref().unwrap().call,
        &preset.departments.as_ref().unwrap().call,
        &preset.count.as_ref().unwrap().call,
    ]
    .map(|call| call.fill(window).url.to_string())
}

#[test]
fn ikea_is_described_for_every_market() {
    let preset = Preset::named("ikea:kr/ko").unwrap();
    let api = "https://sik.search.blue.cdtapps.com/kr/ko";
    assert_eq!(
        urls(&preset),
        [
            format!(
                "{api}/product-list-page/more-products?category=st001&start=0&end=1000&sort=NAME_ASCENDING"
            ),
            format!("{api}/search-result-page?types=PRODUCT&size=1"),
            format!("{api}/product-list-page?category=st001&size=0"),
        ]
    );
    assert_eq!(preset.product, first().product, "what products are read by without a preset");
    assert_eq!(preset.departments.unwrap().known.len(), 23);
    assert!(urls(&Preset::named("ikea:us/en").unwrap())[0].contains(".com/us/en/product-list-page"));
    for text in
        ["ikea", "ikea:", "ikea:kr", "ikea:kr/", "ikea:KR/ko", "ikea:../ko", "idea:kr/ko", "ikea:kr/ko/x"]
    {
        let error = Preset::named(text).unwrap_err();
        assert!(
            error.starts_with(
                "expected ikea:<country>/<language>, such as ikea:kr/ko, or shopify, or woocommerce, or merchant, found"
            ),
            "{error}"
        );
    }
}

#[test]
fn every_word_of_a_preset_may_be_shown_and_nothing_before_it() {
    for (name, text) in PRESETS {
        let market = if Preset::described(text).unwrap().market.is_some() { ":kr/ko" } else { "" };
        let preset =
            Preset::named(&format!("{name}{market}")).unwrap().below("https://b.example/kr/ko/").unwrap();
        let window = Window { category: "st001", start: 0, end: 1000, ..Window::default() };
        let elsewhere = preset.clone().below("https://me:hidden@a.example/hidden/kr/ko/").unwrap();
        for (preset, base) in
            [(&preset, "https://b.example/kr/ko/"), (&elsewhere, "https://***@a.example/***/kr/ko/")]
        {
            let list = preset.departments.iter().map(|list| &list.call);
            let count = preset.count.iter().map(|count| &count.call);
            for call in preset.windows.iter().map(|windows| &windows.call).chain(list).chain(count) {
                let call = call.fill(window);
                let rest = call.url.as_str().split("kr/ko/").nth(1).unwrap();
                assert_eq!(call.shown.to_string(), format!("{base}{rest}"));
            }
        }
    }
}

#[test]
fn its_calls_go_where_a_template_of_its_own_leads() {
    for (template, window, list) in [
        (
            "http://a.example/x/product-list-page/more-products?c={category}&start={start}&end={end}",
            "http://a.example/x/product-list-page/more-products?",
            "http://a.example/x/search-result-page?",
        ),
        (
            "http://a.example:8/p?c={category}&start={start}&end={end}",
            "http://a.example:8/kr/ko/product-list-page/more-products?",
            "http://a.example:8/kr/ko/search-result-page?",
        ),
    ] {
        let found = urls(&Preset::named("ikea:kr/ko").unwrap().beside(template).unwrap());
        assert!(found[0].starts_with(window) && found[1].starts_with(list), "{found:?}");
    }
    assert!(Preset::named("ikea:kr/ko").unwrap().below("nowhere/").is_err());
}

#[test]
fn a_description_with_a_body_is_a_post_and_a_mistake_in_it_is_told() {
    let text = r#"{"about": "", "base": "https://a.example/kr/",
        "windows": {"call": {"url": "search?v=1", "body": {"window": {"offset": "{start}", "size": "{size}"}}},
                    "items": "/results/0/items/*[type=PRODUCT]/product", "size": 24},
        "product": {"id": "/id", "name": "/name", "title": ["/name"], "price": "/price",
                    "link": "/link", "images": ["/image"], "categories": {"names": ["/category"]}}}"#;
    let preset = Preset::described(text).unwrap();
    let call = preset.windows.as_ref().unwrap().call.fill(Window {
        category: "",
        start: 24,
        end: 48,
        ..Window::default()
    });
    assert_eq!(call.url.as_str(), "https://a.example/kr/search?v=1");
    assert_eq!(call.body.unwrap(), r#"{"window":{"offset":24,"size":24}}"#);
    for (part, instead, said) in [
        ("/product\"", "/*/product\"", "one * at most"),
        ("\"{start}\"", "0", "windows take {start}"),
        ("https://a.example", "a.example", "search?v=1: "),
        ("\"about\"", "\"abut\"", "unknown field `abut`"),
    ] {
        let error = Preset::described(&text.replace(part, instead)).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn every_preset_says_all_that_a_row_needs() {
    for (name, text) in PRESETS {
        let preset = Preset::described(text).unwrap().below("https://shop.example/").unwrap();
        preset.map().unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for name in ["shopify:kr/ko", "shop", "ikea"] {
        assert!(Preset::named(name).is_err(), "{name}");
    }
}

#[test]
fn a_map_of_ones_own_takes_the_place_of_parts_of_a_preset() {
    let own =
        Preset::described(r#"{"product": {"brand": "/maker", "title_prefix": "Novar"}, "items": "/all"}"#)
            .unwrap();
    let preset = Preset::named("ikea:kr/ko").unwrap().with(own).unwrap();
    let (first, product) = (first().product, preset.product.clone());
    assert_eq!((product.brand.to_string(), &*product.title_prefix), ("/maker".to_owned(), "Novar"));
    assert_eq!((product.id, product.images), (first.id, first.images));
    assert_eq!(preset.items.map(|items| items.to_string()).as_deref(), Some("/all"));
}

#[test]
fn a_mistake_in_a_map_is_one_sentence_with_line_and_column() {
    for (text, said) in [
        ("{\"product\":\n {\"prize\": \"/p\"}}", "unknown field `prize`"),
        ("{\"product\":\n {\"id\": \"/a\", \"id\": \"/b\"}}", "duplicate field `id` at line 2 column"),
        ("{\"product\":\n {\"id\": \"a\"}}", "expected a place such as /id"),
        ("{\"product\":\n {\"link\": \"https://a.example/{/b\"}}", "expected a } after {/b at line 2 column"),
        ("{\"product\":\n {\"price_unit\": \"cents\"}}", "expected major, minor:2 for hundredths"),
        ("{\"product\":\n {\"brand\": 7}}", "expected a place such as"),
        ("{\"product\": ", "EOF while parsing"),
    ] {
        let error = Preset::described(text).unwrap_err();
        assert!(error.contains(said) && error.contains("at line "), "{text}: {error}");
    }
    let error = Preset::described(r#"{"product": {"id": "/a", "name": "/b"}}"#).unwrap().map().unwrap_err();
    let expected = "the map of a product does not say where to find its title, price, link, images, categories at line 1 column 13";
    assert_eq!(error, expected);
}

#[test]
fn what_a_map_names_counts_though_it_is_what_holds_without_it() {
    let own = r#"{"product": {"variants_replace": false, "price_unit": "major", "title_without": []}}"#;
    let own = Preset::described(own).unwrap();
    let product = Preset::named("shopify").unwrap().with(own.clone()).unwrap().product;
    assert!(!product.variants_replace && product.title_without.is_empty() && product.variants.is_some());
    let product = Preset::named("woocommerce").unwrap().with(own).unwrap().product;
    assert_eq!(product.price_unit, crate::map::Unit::default());
}

#[test]
fn a_map_that_leaves_out_what_a_row_needs_is_told_where_it_stands() {
    let text = "\u{20}{\"items\": \"/a\",\n  \"product\": {\"id\": \"/id\", \"name\": \"/n\", \"title\": [\"/n\"],\n    \"link\": \"/l\", \"images\": [\"/i\"]}}";
    let error = Preset::described(text).unwrap().map().unwrap_err();
    assert_eq!(
        error,
        "the map of a product does not say where to find its price, categories at line 2 column 14"
    );
    let nothing = Preset::described("\n {\"items\": \"/a\"}").unwrap().map().unwrap_err();
    let told = "its id, name, title, price, link, images, categories at line 2 column 2";
    assert!(nothing.ends_with(told), "{nothing}");
}

#[test]
fn a_description_is_known_by_its_places_and_not_by_how_it_is_written() {
    let known = |market: &str, map: &str, items: Option<&str>| {
        let own = Preset::described(map).unwrap();
        Preset::named(market).unwrap().with(own).unwrap().fingerprint(items, None)
    };
    let usual = known("ikea:kr/ko", r#"{"product": {"price": "/a", "link": "/b"}}"#, None);
    assert!(usual.len() == 16 && usual.bytes().all(|b| b.is_ascii_hexdigit()), "{usual}");
    for (what, same, other) in [
        (
            "spaces and order",
            true,
            known("ikea:kr/ko", "{\"product\":{\n\"link\":\"/b\",\"price\":\"/a\"}}", None),
        ),
        (
            "about",
            true,
            known("ikea:kr/ko", r#"{"about": "x", "product": {"price": "/a", "link": "/b"}}"#, None),
        ),
        ("a place", false, known("ikea:kr/ko", r#"{"product": {"price": "/a", "link": "/c"}}"#, None)),
        (
            "the order of places",
            false,
            known("ikea:kr/ko", r#"{"product": {"price": ["/a", "/b"], "link": "/b"}}"#, None),
        ),
        ("a market", false, known("ikea:us/en", r#"{"product": {"price": "/a", "link": "/b"}}"#, None)),
        ("a preset", false, known("shopify", r#"{"product": {"price": "/a", "link": "/b"}}"#, None)),
        (
            "a setting",
            false,
            known("ikea:kr/ko", r#"{"product": {"price": "/a", "link": "/b"}}"#, Some("/c")),
        ),
    ] {
        assert_eq!(usual == other, same, "{what}");
    }
    let below = |base| Preset::named("shopify").unwrap().below(base).unwrap().fingerprint(None, None);
    assert_eq!(
        below("https://a.example/"),
        below("https://b.example/"),
        "the address is no place in a product"
    );
}

#[test]
fn who_signs_in_at_a_shop_stands_in_no_link() {
    let preset = Preset::named("shopify").unwrap().below("https://user:s3cret@shop.example/kr/").unwrap();
    let link = preset.product.link.to_string();
    assert!(link.contains("https://shop.example/kr/") && !link.contains("s3cret"), "{link}");
    let window = preset.windows.unwrap().call.fill(Window { category: "", start: 0, end: 250, ids: "" });
    assert!(
        window.url.as_str().starts_with("https://user:s3cret@shop.example/kr/products.json"),
        "it signs in"
    );
}
