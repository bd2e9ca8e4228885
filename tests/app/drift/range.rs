//! A shop's range, made up: series, kinds and colours as titles have them, ten departments of unlike size.

use serde_json::{Value, json};

const KINDS: [&str; 37] = [
    "책장",
    "의자",
    "테이블",
    "소파",
    "침대",
    "조명",
    "러그",
    "커튼",
    "거울",
    "선반",
    "서랍장",
    "옷장",
    "책상",
    "스툴",
    "벤치",
    "식탁",
    "수납함",
    "바구니",
    "쿠션",
    "담요",
    "베개",
    "매트리스",
    "시계",
    "액자",
    "화분",
    "냄비",
    "접시",
    "유리컵",
    "수저",
    "도마",
    "칼",
    "수건",
    "욕실장",
    "샤워커튼",
    "옷걸이",
    "행거",
    "트롤리",
];
const COLOURS: [&str; 8] = ["화이트", "블랙", "브라운", "그레이", "블루", "그린", "레드", "베이지"];
/// The first products of a hundred that are in each department.
const SHARES: [usize; 10] = [30, 40, 52, 64, 74, 82, 88, 93, 98, 100];

/// Products in the catalogue's order.
#[derive(Clone)]
pub struct Range(pub Vec<Slot>);

/// One product.
#[derive(Clone)]
pub struct Slot {
    pub number: usize,
    pub name: String,
    pub kind: String,
    pub design: String,
    pub price: u64,
    /// 0 where it is on no sale.
    pub regular: u64,
    pub link_host: String,
    pub query: &'static str,
    pub image_host: String,
    pub size: &'static str,
    pub images: usize,
    pub category: usize,
    pub levels: usize,
    pub ratings: u64,
}

impl Range {
    pub fn of(products: usize) -> Self {
        Self((0..products).map(slot).collect())
    }

    /// Changes so many of a hundred products, all over the range.
    pub fn some(&mut self, share: usize, mut change: impl FnMut(&mut Slot)) {
        self.0.iter_mut().filter(|slot| slot.number * 37 % 100 < share).for_each(&mut change);
    }

    /// So many new products.
    pub fn grow(&mut self, more: usize, change: impl Fn(&mut Slot)) {
        for n in 0..more {
            let mut new = slot(20_000 + n);
            change(&mut new);
            self.0.push(new);
        }
    }

    pub fn document(&self) -> Vec<u8> {
        let products: Vec<Value> = self.0.iter().map(Slot::product).collect();
        serde_json::to_vec(&json!({"moreProducts": {"productWindow": products}})).unwrap()
    }
}

fn slot(n: usize) -> Slot {
    let series = n / 80;
    let letters = [n / 80 % 26, n / 80 / 26 % 26].map(|at| char::from(b'A' + at as u8));
    Slot {
        number: 50_000_000 + n,
        name: format!("{}{}STRIND{series}", letters[0], letters[1]).replace(|c: char| c.is_ascii_digit(), ""),
        kind: KINDS[n % KINDS.len()].into(),
        design: COLOURS[n * 7 % COLOURS.len()].into(),
        price: (n as u64 * 7919 % 300 + 5) * 1000,
        regular: 0,
        link_host: "shop.example.kr/p".into(),
        query: "",
        image_host: "images.example.kr".into(),
        size: "_s5",
        images: if n % 10 < 8 { 3 } else { 1 },
        category: SHARES.iter().position(|below| n * 61 % 100 < *below).unwrap(),
        levels: 2,
        ratings: 5 + n as u64 % 90,
    }
}

impl Slot {
    fn product(&self) -> Value {
        let Self { number, link_host, image_host, size, .. } = self;
        // A host of this machine speaks no TLS.
        let scheme = |host: &str| if host.starts_with("127.") { "http" } else { "https" };
        let image = |n: usize| format!("{}://{image_host}/{number}-{n}{size}.png", scheme(image_host));
        let names = [format!("카테고리 {}", self.category), format!("{} 모음", self.kind)];
        let levels = names.iter().take(self.levels).map(|name| json!({"name": name, "key": name}));
        let previous = (self.regular > 0).then(|| json!({"wholeNumber": self.regular.to_string()}));
        let product = json!({
            "itemNo": number.to_string(),
            "name": self.name,
            "typeName": self.kind,
            "validDesignText": self.design,
            "itemMeasureReferenceText": format!("{}x{} cm", number % 90 + 10, number % 70 + 20),
            "salesPrice": {"numeral": self.price, "currencyCode": "KRW", "previous": previous},
            "pipUrl": format!("{}://{link_host}/{number}/{}", scheme(link_host), self.query),
            "mainImageUrl": image(0),
            "allProductImage": (1..self.images).map(|n| json!({"url": image(n)})).collect::<Vec<_>>(),
            "categoryPath": levels.collect::<Vec<_>>(),
            "onlineSellable": true,
            "ratingCount": (self.ratings > 0).then_some(self.ratings),
        });
        json!({"type": "PRODUCT", "product": product})
    }
}
