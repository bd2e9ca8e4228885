//! Writes the catalogues that the comparison reads into a folder: `sources FOLDER PRODUCTS`. Each is the same on every
//! machine.
//!
//! It measures nothing.
#![expect(clippy::print_stderr, reason = "`cargo bench` runs it, too, and it has nothing to do then")]

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use auto_ep::sample::{Sample, Shop};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

/// Where the made-up shops are.
const SHOP: &str = "https://shop.example/";
/// What each product of the sample says of its variants where it has none.
const NO_VARIANTS: &str = r#""gprDescription":{"numberOfVariants":0,"variants":[]}"#;
/// Variants of a product that has some.
const VARIANTS: usize = 3;

fn main() -> io::Result<()> {
    // `cargo bench` hands over arguments of its own.
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let (Some(folder), Some(products)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: sources FOLDER PRODUCTS");
        return Ok(());
    };
    let products: usize = products.parse().map_err(|_| io::Error::other("PRODUCTS is a whole number"))?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let write = |name: &str, text: &[u8]| std::fs::write(folder.join(name), text);

    let listing = listing(products);
    let document = document(&listing);
    for (name, products) in [
        ("listing", &listing),
        ("escaped", &listing.iter().map(|product| escaped(product, true)).collect()),
        ("variants", &with_variants(&listing)),
    ] {
        write(&format!("{name}.json"), self::document(products).as_bytes())?;
        // One product a line, for whoever reads that better.
        write(&format!("{name}.ndjson"), products.join("\n").as_bytes())?;
    }
    let mut gzip =
        GzEncoder::new(BufWriter::new(File::create(folder.join("listing.json.gz"))?), Compression::default());
    gzip.write_all(document.as_bytes())?;
    gzip.finish()?.flush()?;
    drop((listing, document));
    let count = products as u64;
    // As these servers spell JSON: both write `\/` for each slash, WordPress also `\u` for what is not ASCII.
    write("shopify.json", escaped(&Shop::Shopify.document(SHOP, count), false).as_bytes())?;
    write("woocommerce.json", escaped(&Shop::WooCommerce.document(SHOP, count), true).as_bytes())?;
    write("merchant.tsv", Shop::Merchant.document(SHOP, count).as_bytes())
}

/// The clean sample, product by product.
fn listing(products: usize) -> Vec<String> {
    (0..products).map(|index| product(products, index)).collect()
}

fn product(products: usize, index: usize) -> String {
    let sample = Sample { products, seed: 1, dirty: false };
    String::from_utf8(sample.product(index)).expect("a clean product is UTF-8")
}

/// The products as the listing API answers with them.
fn document(products: &[String]) -> String {
    format!(r#"{{"moreProducts":{{"productWindow":[{}]}}}}"#, products.join(","))
}

/// The listing in which every second product has three variants that stand nowhere else.
fn with_variants(listing: &[String]) -> Vec<String> {
    // Products behind the last one of the listing have numbers of their own.
    let mut variants = (listing.len()..).map(|index| variant(&product(listing.len(), index)));
    let mut joined = |product: &String| {
        let variants: Vec<String> = variants.by_ref().take(VARIANTS).collect();
        let listed = format!(
            r#""gprDescription":{{"numberOfVariants":{VARIANTS},"variants":[{}]}}"#,
            variants.join(",")
        );
        product.replacen(NO_VARIANTS, &listed, 1)
    };
    let every_second = listing.iter().enumerate();
    every_second.map(|(at, product)| if at % 2 == 0 { joined(product) } else { product.clone() }).collect()
}

/// A product as it stands among another one's variants: without a path and variants of its own.
fn variant(product: &str) -> String {
    let mut product: Value = serde_json::from_str(product).expect("a clean product is JSON");
    let fields = product.as_object_mut().expect("a clean product is an object");
    fields.retain(|key, _| key != "categoryPath" && key != "gprDescription");
    json!(fields).to_string()
}

/// The same JSON with `\/` for each slash, and perhaps with `\u` for each character that is not ASCII.
fn escaped(json: &str, beyond_ascii: bool) -> String {
    let mut out = String::with_capacity(json.len() * 3 / 2);
    let mut units = [0; 2];
    for character in json.chars() {
        match character {
            '/' => out.push_str("\\/"),
            _ if beyond_ascii && !character.is_ascii() => {
                for unit in character.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => out.push(character),
        }
    }
    out
}
