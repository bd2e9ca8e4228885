use super::*;
use crate::config::env::among;

fn read(variables: &[(&str, &str)]) -> Result<CatalogueConfig, String> {
    read_as(variables, false)
}

fn read_as(variables: &[(&str, &str)], embedded: bool) -> Result<CatalogueConfig, String> {
    let lookup = among(variables);
    let mut env = Env::new(&lookup);
    let preset = description(&mut env);
    let config = CatalogueConfig::from_env(&mut env, embedded, preset);
    env.finish(config).map_err(|e| e.to_string())
}

fn paged(config: &CatalogueConfig) -> &Paged {
    match &config.source {
        CatalogueSource::Paged(paged) => paged,
        other => panic!("{other:?}"),
    }
}

fn window(paged: &Paged) -> String {
    paged.windows.fill(Window { category: "st001", start: 0, end: 10, ..Window::default() }).url.to_string()
}

const PRESET: (&str, &str) = ("CATALOG_PRESET", "ikea:kr/ko");
const API: &str = "https://sik.search.blue.cdtapps.com/kr/ko/";

#[test]
fn a_preset_alone_says_everything() {
    let config = read(&[PRESET]).unwrap();
    let source = paged(&config);
    assert!(
        window(source).starts_with(&format!("{API}product-list-page/more-products?category=st001&start=0"))
    );
    assert!(matches!(source.departments, Departments::Listed(_)) && source.count.is_some());
    assert_eq!(config.items.to_string(), "/moreProducts/productWindow/*[type=PRODUCT]/product");
    assert_eq!((config.page_size.get(), config.concurrency.get()), (1000, 4));
    assert!(config.product.restricted.holds("IN_STORE_OFFER_ONLY"));
    assert!(config.location().contains("category=ba001&start=0&end=1000"));
}

#[test]
fn each_variable_takes_the_place_of_its_part_of_the_preset() {
    let given = read(&[PRESET, ("CATALOG_CATEGORIES", "b, a")]).unwrap();
    assert_eq!(paged(&given).departments, Departments::Given(vec!["b".into(), "a".into()]));
    assert!(paged(&given).count.is_some());

    let counted =
        read(&[PRESET, ("CATALOG_TOTAL", "/n"), ("CATALOG_ITEMS", "/p"), ("CATALOG_PAGE_SIZE", "50")]);
    let counted = counted.unwrap();
    assert_eq!((paged(&counted).count.is_none(), counted.items.to_string()), (true, "/p".to_owned()));
    assert_eq!(counted.page_size.get(), 50);

    let uncounted = read(&[PRESET, ("CATALOG_TOTAL", "-")]).unwrap();
    let Departments::Listed(list) = &paged(&uncounted).departments else { panic!("{uncounted:?}") };
    assert_eq!((&paged(&uncounted).count, &list.count, &uncounted.total), (&None, &None, &None));

    let template = "http://a.example/x/product-list-page/more-products?c={category}&s={start}&n={size}";
    let config = read(&[PRESET, ("CATALOG_URL", template)]).unwrap();
    let source = paged(&config);
    assert_eq!(window(source), "http://a.example/x/product-list-page/more-products?c=st001&s=0&n=10");
    let Departments::Listed(list) = &source.departments else { panic!("{:?}", source.departments) };
    assert!(
        list.call.fill(Window::default()).url.as_str().starts_with("http://a.example/x/search-result-page?")
    );

    let whole = read(&[PRESET, ("CATALOG_URL", "http://a.example/all?s={start}&e={end}")]).unwrap();
    assert_eq!((&paged(&whole).departments, &paged(&whole).count), (&Departments::One, &None));

    let moved = read(&[PRESET, ("CATALOG_URL", "http://127.0.0.1:9/kr/ko/")]).unwrap();
    assert!(window(paged(&moved)).starts_with("http://127.0.0.1:9/kr/ko/product-list-page/more-products?"));

    let document = read(&[PRESET, ("CATALOG_URL", "file:///srv/saved.json")]).unwrap();
    assert!(matches!(document.source, CatalogueSource::Document(_)));
}

#[test]
fn without_a_preset_everything_is_as_it_was() {
    let variables = [
        ("CATALOG_URL", "https://a.example/p?c={category}&start={start}&end={end}"),
        ("CATALOG_CATEGORIES", "b,a"),
    ];
    let error = read(&variables).unwrap_err();
    assert!(error.contains("CATALOG_PRESET: not set; expected "), "on Cloud Run nothing stands in: {error}");
    let config = read_as(&variables, true).unwrap();
    assert_eq!(paged(&config).departments, Departments::Given(vec!["b".into(), "a".into()]));
    assert_eq!((&paged(&config).count, config.items.to_string()), (&None, String::new()));
    assert_eq!(*config.product, first().map().unwrap());
    let one = read_as(&[("CATALOG_URL", "https://a.example/p?start={start}&end={end}")], true).unwrap();
    assert_eq!(paged(&one).departments, Departments::One);
}

#[test]
fn what_is_wrong_is_told_by_the_name_of_its_variable() {
    for (variables, said) in [
        (&[][..], "CATALOG_URL: not set; expected the catalogue's https: URL, or CATALOG_PRESET"),
        (
            &[("CATALOG_PRESET", "ikea")],
            "1 setting to mend:\n  CATALOG_PRESET: expected ikea:<country>/<language>",
        ),
        (&[("CATALOG_URL", "https://a.example/{category}?s={start}&e={end}")], "CATALOG_CATEGORIES: not set"),
        (&[("CATALOG_URL", "https://a.example/{category}?s={start}")], "holds both {start} and {end}"),
        (&[("CATALOG_URL", "file:///x/{start}/{end}")], "a file: catalogue is one document"),
        (&[("CATALOG_URL", "me:hidden@a.example")], "CATALOG_URL: expected"),
        (
            &[("CATALOG_PRESET", "shopify"), ("CATALOG_URL", "https://a.example/hidden.json")],
            "CATALOG_URL: names one document, but the map's templates begin with the shop's address",
        ),
        (&[PRESET, ("CATALOG_ITEMS", "/a/*/*")], "CATALOG_ITEMS: expected one * at most"),
        (
            &[PRESET, ("CATALOG_ITEMS", "ndjson"), ("CATALOG_TOTAL", "/n")],
            "CATALOG_TOTAL: a catalogue of one product",
        ),
    ] {
        let error = read(variables).unwrap_err();
        assert!(error.contains(said) && !error.contains("hidden"), "{error}");
    }
}

#[test]
fn settings_that_are_printed_for_developers_hold_no_secret() {
    for url in [
        "https://u:s3cr3t@a.example/s3cr3t.json?key=s3cr3t",
        "https://a.example/s3cr3t?s={start}&e={end}&key=s3cr3t",
    ] {
        let config = read_as(&[("CATALOG_URL", url)], true).unwrap();
        let told = format!("{config:?}");
        assert!(told.contains("a.example") && !told.contains("s3cr3t"), "{told}");
    }
}

#[test]
fn a_preset_alone_hides_nothing_so_that_what_its_source_says_can_be_quoted() {
    let config = read(&[PRESET]).unwrap();
    assert!(config.secrets().is_empty());
    let CatalogueSource::Paged(paged) = &config.source else { panic!("{config:?}") };
    assert!(paged.count.iter().all(|count| count.call.shown().secrets().is_empty()));
    assert!(
        matches!(&paged.departments, Departments::Listed(list) if list.call.shown().secrets().is_empty())
    );
    assert!(!read(&[PRESET, ("CATALOG_URL", "https://a.example/s3cr3t/")]).unwrap().secrets().is_empty());
}

#[test]
fn a_shop_of_a_kind_is_asked_at_its_own_address() {
    for url in ["https://moa.example", "https://moa.example/"] {
        let config = read(&[("CATALOG_PRESET", "shopify"), ("CATALOG_URL", url)]).unwrap();
        let second =
            paged(&config).windows.fill(Window { category: "", start: 250, end: 500, ..Window::default() });
        assert_eq!(second.url.as_str(), "https://moa.example/products.json?limit=250&page=2");
        let link = config.product.link.to_string();
        assert!(link.starts_with("https://moa.example/products/{../handle}?variant={/id}, else"), "{link}");
    }
    let error = read(&[("CATALOG_PRESET", "woocommerce")]).unwrap_err();
    assert!(
        error.contains("CATALOG_URL: not set; expected the address that the shop is asked at"),
        "{error}"
    );
}

#[test]
fn a_map_says_what_a_preset_would_and_its_mistakes_are_told_by_its_name() {
    let map = r#"{"items": "/all", "product": {"id": "/n", "name": "/t", "title": ["/t"], "price": "/p", "link": "/u",
        "images": ["/i"], "categories": {"names": ["/c"]}}}"#;
    let document = ("CATALOG_URL", "https://a.example/all.json");
    let config = read(&[document, ("CATALOG_MAP", map)]).unwrap();
    assert_eq!(
        (config.items.to_string(), config.product.id.to_string()),
        ("/all".to_owned(), "/n".to_owned())
    );
    for (map, said) in [
        (r#"{"product": {"id": "n"}}"#, "CATALOG_MAP: expected a place such as /id"),
        ("{}", "CATALOG_MAP: the map of a product does not say where to find its id, name, title, price"),
    ] {
        let error = read(&[document, ("CATALOG_MAP", map)]).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}
