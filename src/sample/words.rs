//! The words of the made-up catalogue: names that no shop sells, kinds of furniture, colours, categories.
//!
//! It never holds a real product's name.

use super::rng::Rng;

/// Latin letters, letters for URLs, Hangul.
const FIRST: [(&str, &str, &str); 24] = [
    ("NOVA", "nova", "노바"),
    ("TRELD", "treld", "트렐드"),
    ("GROVU", "grovu", "그로부"),
    ("ASKUN", "askun", "아스쿤"),
    ("FJOLM", "fjolm", "피올름"),
    ("BRYMM", "brymm", "브륌"),
    ("KVESK", "kvesk", "크베스크"),
    ("SNURV", "snurv", "스누르브"),
    ("DRELM", "drelm", "드렐름"),
    ("HOLVU", "holvu", "홀부"),
    ("MIRSK", "mirsk", "미르스크"),
    ("OLDRA", "oldra", "올드라"),
    ("PELVI", "pelvi", "펠비"),
    ("RUNDO", "rundo", "룬도"),
    ("SKJAP", "skjap", "시얍"),
    ("TOLMY", "tolmy", "톨뮈"),
    ("ULVRA", "ulvra", "울브라"),
    ("VESKO", "vesko", "베스코"),
    ("YNGRA", "yngra", "윙라"),
    ("ZELMA", "zelma", "셀마"),
    ("ØSTRU", "ostru", "외스트루"),
    ("ÄLMBU", "almbu", "엘름부"),
    ("ÖRVIN", "orvin", "외르빈"),
    ("LÅNDRE", "landre", "론드레"),
];

const LAST: [(&str, &str, &str); 16] = [
    ("R", "r", "르"),
    ("SK", "sk", "스크"),
    ("NIL", "nil", "닐"),
    ("DUR", "dur", "두르"),
    ("MAK", "mak", "막"),
    ("TYN", "tyn", "튄"),
    ("VOS", "vos", "보스"),
    ("REK", "rek", "레크"),
    ("BUND", "bund", "분드"),
    ("GIL", "gil", "일"),
    ("KUST", "kust", "쿠스트"),
    ("LOV", "lov", "로브"),
    ("NUT", "nut", "누트"),
    ("PRYD", "pryd", "프뤼드"),
    ("STØN", "ston", "스퇸"),
    ("VÄK", "vak", "베크"),
];

/// A made-up name.
pub(super) struct Name {
    /// `NOVAR`
    pub latin: String,
    /// `novar`
    pub slug: String,
    /// `노바르`
    pub hangul: String,
}

/// Any name.
pub(super) fn name(rng: &mut Rng) -> Name {
    let (first, last) = (rng.pick(&FIRST), rng.pick(&LAST));
    Name {
        latin: format!("{}{}", first.0, last.0),
        slug: format!("{}{}", first.1, last.1),
        hangul: format!("{}{}", first.2, last.2),
    }
}

/// A kind of furniture: its name, the same in a URL, and the categories it is found in, outermost first.
pub(super) struct Kind {
    pub name: &'static str,
    pub slug: &'static str,
    pub path: [(&'static str, &'static str); 3],
}

const fn kind(name: &'static str, slug: &'static str, path: [(&'static str, &'static str); 3]) -> Kind {
    Kind { name, slug, path }
}

/// All kinds.
pub(super) const KINDS: [Kind; 16] = [
    kind("책장", "bookcase", [("수납", "sm001"), ("책장 및 선반", "sm010"), ("책장", "sm011")]),
    kind("선반유닛", "shelf-unit", [("수납", "sm001"), ("책장 및 선반", "sm010"), ("선반유닛", "sm012")]),
    kind("벽선반", "wall-shelf", [("수납", "sm001"), ("책장 및 선반", "sm010"), ("벽선반", "sm013")]),
    kind("3칸 서랍장", "chest-of-drawers", [("수납", "sm001"), ("서랍장", "sm020"), ("3칸 서랍장", "sm021")]),
    kind("옷장", "wardrobe", [("수납", "sm001"), ("옷장", "sm030"), ("여닫이 옷장", "sm031")]),
    kind("의자", "chair", [("의자와 책상", "sm100"), ("의자", "sm110"), ("식탁의자", "sm111")]),
    kind(
        "사무용 회전의자",
        "swivel-chair",
        [("의자와 책상", "sm100"), ("의자", "sm110"), ("사무용 의자", "sm112")],
    ),
    kind("책상", "desk", [("의자와 책상", "sm100"), ("책상", "sm120"), ("컴퓨터책상", "sm121")]),
    kind(
        "확장형 테이블",
        "extendable-table",
        [("의자와 책상", "sm100"), ("식탁", "sm130"), ("확장형 식탁", "sm131")],
    ),
    kind("3인용 소파", "3-seat-sofa", [("소파", "sm200"), ("패브릭 소파", "sm210"), ("3인용 소파", "sm211")]),
    kind("암체어", "armchair", [("소파", "sm200"), ("암체어", "sm220"), ("패브릭 암체어", "sm221")]),
    kind("침대프레임", "bed-frame", [("침대와 매트리스", "sm300"), ("침대", "sm310"), ("더블침대", "sm311")]),
    kind(
        "이불커버세트",
        "duvet-cover",
        [("침대와 매트리스", "sm300"), ("침구", "sm320"), ("이불커버", "sm321")],
    ),
    kind("장스탠드", "floor-lamp", [("조명", "sm400"), ("스탠드", "sm410"), ("장스탠드", "sm411")]),
    kind("LED전구 E26 806루멘", "led-bulb", [("조명", "sm400"), ("전구", "sm420"), ("LED전구", "sm421")]),
    kind("주방카트", "kitchen-trolley", [("주방", "sm500"), ("주방 수납", "sm510"), ("카트", "sm511")]),
];

/// Colours as the design text gives them, with a number and an RGB value.
pub(super) const COLORS: [(&str, &str, &str); 10] = [
    ("화이트", "10156", "ffffff"),
    ("블랙", "10139", "1a1a1a"),
    ("블랙브라운", "10003", "3b2a20"),
    ("참나무무늬목", "10028", "c8a878"),
    ("자작나무", "10007", "e3cfa9"),
    ("다크그레이", "10011", "555555"),
    ("베이지", "10583", "d8c8ae"),
    ("그린/블루", "10124", "4d7f78"),
    ("화이트스테인, 밝은 갈색", "10156", "e8dfd2"),
    ("라이트핑크", "10119", "f1c6c6"),
];
