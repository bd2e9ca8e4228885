//! Addresses that give way to the next best one.

use serde_json::{Value, json};

use super::{super::listing::Fields, Harmless};

pub(super) fn soil(fields: &mut Fields, kind: Harmless, turn: u64) {
    let image = fields.text("mainImageUrl").to_owned();
    match kind {
        Harmless::SmallImage => fields.set("mainImageUrl", json!(image.replace("_s5.jpg", "_s3.jpg"))),
        Harmless::NextBestImage => {
            let main = [
                json!("data:image/gif;base64,R0lGODlhAQABAAAAACw="),
                json!("/kr/ko/images/products/1_s5.jpg"),
                json!(format!("https://images.example/{}_s5.jpg", "long".repeat(70))),
                json!(image.trim_start_matches("https:")),
                json!({"url": image}),
            ];
            fields.vary("mainImageUrl", main, turn);
            fields.set(
                "allProductImage",
                json!([{"url": "없음"}, {"type": "MAIN_PRODUCT_IMAGE", "url": image}]),
            );
        }
        Harmless::ImageInList => {
            fields.vary("mainImageUrl", [Value::Null, json!("")], turn);
            let named = json!({"type": "MAIN_PRODUCT_IMAGE", "url": image, "altText": fields.text("name")});
            fields.set("allProductImage", json!([named]));
        }
        Harmless::NoImageList => {
            fields.vary("allProductImage", [Value::Null, json!("없음"), json!([null, 7])], turn);
        }
        _ => {
            let id = fields.text("itemNo").to_owned();
            fields.set("pipUrl", json!(format!("https://shop.example/kr/ko/p/튼튼한-의자-{id}/")));
        }
    }
}
