//! Sentences about what drifted away from the published feed, and what to do about it.

use super::{VALUE_CHARS, Words, number};
use crate::{
    chat::escape,
    report::{DriftExample, DriftRule, Drifted},
};

impl Words {
    /// What is not what it was, more of it than what is held or told, as `limited` says. It is long because it is a table.
    pub(super) fn drifted(self, drifted: &Drifted, limited: (&'static str, &'static str)) -> String {
        let Drifted { rule, measured, limit, products, of, examples } = drifted;
        let ([products, of], named) = ([products, of].map(|n| number(*n)), self.examples(examples));
        let limited = self.pick(limited.0, limited.1);
        match rule {
            DriftRule::IdsReplaced => say!(
                self,
                "공개된 피드의 상품 {of}개 중 {products}개({measured})의 ID가 사라지고, 그 자리에 다른 ID의 상품이 들어왔습니다. \
                 ({limited} 기준 {limit})",
                "The ids of {products} of the published feed's {of} products ({measured}) are gone, with products of other ids \
                 in their place ({limited} from {limit})."
            ),
            DriftRule::PriceUnit => say!(
                self,
                "가격이 10배·100배·1,000배가 되거나 그만큼 줄어든 상품이 {of}개 중 {products}개({measured}) 있습니다. ({limited} 기준 \
                 {limit}) {named}",
                "{products} of {of} products ({measured}) cost 10, 100 or 1,000 times what they did, or that part of it ({limited} \
                 from {limit}). {named}"
            ),
            DriftRule::PricesMoved => say!(
                self,
                "할인 표시 없이 가격이 20% 넘게 내리거나 50% 넘게 오른 상품이 {of}개 중 {products}개({measured}) 있습니다. \
                 ({limited} 기준 {limit}) {named}",
                "Without a list price that would explain it, {products} of {of} products ({measured}) became more than 20% \
                 cheaper or 50% dearer ({limited} from {limit}). {named}"
            ),
            DriftRule::TitlesSwapped => say!(
                self,
                "상품명이 지난 이름과 한 단어도 겹치지 않는 상품이 {of}개 중 {products}개({measured}) 있습니다. 다른 상품의 이름일 \
                 수 있습니다. ({limited} 기준 {limit}) {named}",
                "{products} of {of} products ({measured}) have a title without a word of the one before, perhaps another \
                 product's ({limited} from {limit}). {named}"
            ),
            DriftRule::TitlesChanged => say!(
                self,
                "상품명이 바뀐 상품이 {of}개 중 {products}개({measured}) 있습니다. ({limited} 기준 {limit}) {named}",
                "{products} of {of} products ({measured}) have another title ({limited} from {limit}). {named}"
            ),
            DriftRule::LinkHost => self.host(examples, ("상품 링크", "links"), limited),
            DriftRule::ImageHost => self.host(examples, ("이미지", "images"), limited),
            DriftRule::CategoryLost => say!(
                self,
                "상품이 대부분 사라진 카테고리가 있습니다. 공개된 피드의 {of}개 중 {products}개({measured})입니다. ({limited} 기준 \
                 {limit}) {named}",
                "Categories lost most of their products: {products} of the published feed's {of} ({measured}, {limited} from \
                 {limit}). {named}"
            ),
            DriftRule::ValuesLost => say!(
                self,
                "값이 채워진 상품의 비율이 최대 {measured}p 줄어든 항목이 있습니다. ({limited} 기준 {limit}p) {named}",
                "Columns lost values, up to {measured} of the rows ({limited} from {limit}). {named}"
            ),
            DriftRule::Growth => say!(
                self,
                "공개된 피드보다 상품이 {products}개({measured}) 늘었습니다. ({limited} 기준 {limit}) 의도한 변화인지 확인해 주세요.",
                "{products} more products than in the published feed ({measured}, {limited} from {limit}). Please check that \
                 this is meant."
            ),
            DriftRule::Later(later) => {
                let name = escape::code(later.as_str(), VALUE_CHARS);
                say!(
                    self,
                    "이 버전은 모르는 변화입니다: {name}",
                    "A change that this version does not know: {name}"
                )
            }
        }
    }

    /// A host that is new or gone, and how many addresses opened.
    fn host(self, examples: &[DriftExample], of: (&'static str, &'static str), limited: &str) -> String {
        let of = self.pick(of.0, of.1);
        let named = self.examples(&examples[..examples.len().min(1)]);
        let tried = examples.get(1).map(|tried| (number_of(&tried.before), number_of(&tried.now)));
        let (asked, opened) = tried.unwrap_or_default();
        say!(
            self,
            "{of} 주소의 도메인이 크게 바뀌었습니다. {named}. 열어 본 {asked}개 중 {opened}개가 열렸습니다. ({limited})",
            "The host of {of} is another one on much of the feed: {named}. Of {asked} that were opened, {opened} open \
             ({limited})."
        )
    }

    /// `` `50000001` 79,900 → 799,000 ``
    fn examples(self, examples: &[DriftExample]) -> String {
        let code = |text: &str| escape::code(text, VALUE_CHARS);
        let one = |DriftExample { what, before, now }: &DriftExample| match now.is_empty() {
            true => format!("{} {}", code(what), code(before)),
            false => format!("{} {} → {}", code(what), code(before), code(now)),
        };
        let named = examples.iter().filter(|example| !example.what.is_empty()).map(one);
        named.collect::<Vec<_>>().join(" · ")
    }

    /// What to do about it. It is long because it is a table.
    pub(super) fn drift_advice(self, rule: DriftRule) -> &'static str {
        match rule {
            DriftRule::IdsReplaced => self.pick(
                "카탈로그나 상품 맵(`CATALOG_MAP`)에서 상품 ID의 위치나 형식이 바뀌지 않았는지 확인해 주세요. ID가 바뀌면 네이버에 \
                 쌓인 상품의 이력이 이어지지 않습니다.",
                "Please check whether the place or the form of ids was changed, in the catalogue or the map (`CATALOG_MAP`): \
                 with other ids Naver does not go on with what it knows of the products.",
            ),
            DriftRule::PriceUnit => self.pick(
                "카탈로그 가격의 단위(원, 센트)나 천 단위 구분 기호가 바뀌지 않았는지 확인해 주세요.",
                "Please check whether the unit of the catalogue's prices, or its thousands' separator, was changed.",
            ),
            DriftRule::PricesMoved => self.pick(
                "쇼핑몰의 가격과 비교해 주세요. 할인이라면 정가(`normal_price`)가 함께 오는지 확인해 주세요.",
                "Please compare them with the shop's; if it is a sale, check that the list price comes along.",
            ),
            DriftRule::TitlesSwapped => self.pick(
                "상품명과 상품 ID가 서로 맞는지 카탈로그에서 확인해 주세요.",
                "Please check in the catalogue that names and ids belong together.",
            ),
            DriftRule::TitlesChanged => self.pick(
                "상품명의 구성이나 언어가 바뀌지 않았는지 카탈로그와 상품 맵(`CATALOG_MAP`)을 확인해 주세요.",
                "Please check whether the make-up or the language of titles was changed, in the catalogue or the map \
                 (`CATALOG_MAP`).",
            ),
            DriftRule::LinkHost => self.pick(
                "새 주소의 상품 페이지가 열리는지 확인해 주세요.",
                "Please check that the pages at the new addresses open.",
            ),
            DriftRule::ImageHost => self.pick(
                "새 주소의 이미지가 열리는지 확인해 주세요.",
                "Please check that the images at the new addresses open.",
            ),
            DriftRule::CategoryLost => self.pick(
                "쇼핑몰이 이 카테고리를 정말 정리했는지 확인해 주세요. 그렇지 않다면 잠시 후 다시 실행해 주세요.",
                "Please check whether the shop really cleared these categories; if not, run it again a little later.",
            ),
            DriftRule::ValuesLost => self.pick(
                "카탈로그에서 이 항목의 값이 빠지지 않았는지 확인해 주세요.",
                "Please check whether the catalogue lost the values of these columns.",
            ),
            DriftRule::Growth => self.pick(
                "늘어난 상품이 맞는지 확인해 주세요.",
                "Please check that these products are meant.",
            ),
            DriftRule::Later(_) => self.pick(
                "보류했을 때의 메시지에서 이유를 확인해 주세요.",
                "Please look for the reason in the message of the run that held it.",
            ),
        }
    }
}

fn number_of(text: &str) -> String {
    text.parse().map(number).unwrap_or_default()
}
