//! What each check is called and what it finds wrong: a sentence for each problem, and what to do where it is not plain.

use super::Words;
use crate::{
    chat::escape,
    report::{CheckId, ProblemKind},
};

/// Characters of a name that only a later version knows.
const NAME_CHARS: usize = 48;

/// Makes the names of checks and the sentences of problems of one table, which does not compile without each.
macro_rules! sentences {
    ($($check:ident $ko:literal $en:literal { $($kind:ident $what_ko:literal $what_en:literal;)* })*) => {
        impl Words {
            /// A check's name.
            pub(crate) fn check(self, id: CheckId) -> String {
                match id {
                    $(CheckId::$check => self.pick($ko, $en).to_owned(),)*
                    CheckId::Later(later) => escape::code(later.as_str(), NAME_CHARS),
                }
            }

            /// What a check found wrong.
            pub(crate) fn problem(self, kind: ProblemKind) -> String {
                let sentence = match kind {
                    $($(ProblemKind::$kind => self.pick($what_ko, $what_en),)*)*
                    ProblemKind::NotChecked => self.pick("확인하지 못했습니다.", "It could not be checked."),
                    ProblemKind::Later(later) => {
                        let name = escape::code(later.as_str(), NAME_CHARS);
                        return say!(
                            self,
                            "이 버전은 모르는 문제입니다: {name}",
                            "A problem that this version does not know: {name}",
                        );
                    }
                };
                sentence.to_owned()
            }
        }
    };
}

sentences! {
    Reachable "접속" "Reachable" {
        NoAnswer "피드 주소에서 응답이 없습니다."
            "The feed's address does not answer.";
        BadStatus "피드 주소가 정상(200)이 아닌 상태로 응답합니다."
            "The feed's address answers with a status other than 200.";
        CutOff "파일을 받는 도중에 연결이 끊겼습니다."
            "The file broke off before its end.";
        TooSlow "파일을 제한 시간 안에 다 받지 못했습니다."
            "The file did not arrive within the time limit.";
        TooBig "파일이 허용된 크기보다 큽니다."
            "The file is bigger than allowed.";
        ContentType "Content-Type이 텍스트 형식이 아닙니다."
            "The content type is not a text type.";
        Html "피드 대신 HTML 페이지가 열립니다."
            "There is an HTML page where the feed should be.";
    }
    Fresh "최신 여부" "Fresh" {
        NeverPublished "아직 공개한 피드가 없습니다. EP 생성을 먼저 실행해 주세요."
            "Nothing has been published yet: please run an export first.";
        Unrecorded "공개 기록이 사라져 비교하지 못했습니다(`STATE_URL`). 파일에는 이 서비스의 빌드라고 적혀 있습니다. EP 생성을 다시 실행해 주세요."
            "The record of what was published is gone (`STATE_URL`), so nothing could be compared. The file says that it is a build of this service: please run an export again.";
        Stale "가장 최근에 예정된 EP 생성이 피드에 반영되지 않았습니다."
            "The newest export that was due is not in the feed.";
        HeldBack "가장 최근에 예정된 EP 생성이 공개 보류되어 이전 피드가 그대로 공개되어 있습니다. 보류 사유는 그 실행의 메시지를 확인해 주세요."
            "The newest export that was due was held back, so the feed before it is still public: its own message says why.";
        Chosen "담당자가 직접 공개한 이전 빌드입니다. 다음 EP가 공개되면 자동으로 바뀝니다."
            "Somebody went back to this older build: the next export that is published takes its place.";
        TooOld "공개된 피드가 너무 오래되었습니다."
            "The published feed is too old.";
    }
    Identical "공개본과 일치" "Identical" {
        OlderBuild "아직 이전 빌드가 보입니다. CDN 캐시가 갱신되는 중일 수 있으니 몇 분 뒤 다시 검증해 주세요."
            "An older build still shows. The CDN may not have followed yet: please verify again in a few minutes.";
        ForeignFile "이 서비스가 만든 파일이 아닙니다. 다른 곳에서 파일을 덮어쓰지 않았는지 확인해 주세요."
            "This service did not make the file: please check whether something else overwrote it.";
    }
    Encoding "문자 인코딩" "Encoding" {
        NotUtf8 "UTF-8이 아닌 글자가 섞여 있습니다."
            "There are bytes that are not UTF-8.";
        LooksLikeCp949 "UTF-8이 아니라 EUC-KR(CP949)로 저장된 파일로 보입니다. UTF-8로 저장해 주세요."
            "The file looks like EUC-KR/CP949: please save it as UTF-8.";
        SomeDestroyed "글자가 깨진 상품명이 있습니다. 카탈로그의 상품명을 확인해 주세요."
            "There are titles whose letters were destroyed: please look at them in the catalogue.";
        ManyDestroyed "글자가 깨진 상품명이 많습니다. 카탈로그를 만들 때의 문자 인코딩을 확인해 주세요."
            "The letters of many titles were destroyed: please check in which encoding the catalogue is made.";
        Bom "파일 맨 앞에 BOM이 붙어 있습니다."
            "The file starts with a byte order mark.";
        Utf16 "파일이 UTF-16으로 저장되어 있습니다."
            "The file is encoded in UTF-16.";
        Gzip "파일이 gzip으로 압축되어 있습니다. 압축하지 않은 텍스트여야 합니다."
            "The file is gzip: it should be plain text.";
    }
    Header "열 이름" "Column names" {
        Empty "파일이 비어 있습니다."
            "The file is empty.";
        OldFormat "예전 형식인 EP 2.0 파일입니다. 첫 줄에 열 이름이 있는 EP 3.0으로 만들어 주세요."
            "The file is EP 2.0, the old format: it should be EP 3.0, with column names in its first row.";
        OtherSeparator "열이 탭이 아닌 쉼표 같은 문자로 나뉘어 있습니다(CSV). 탭으로 나눈 텍스트로 저장해 주세요."
            "Columns are parted by commas or the like (CSV): they should be parted by tabs.";
        MissingColumn "필수 열이 빠져 있습니다."
            "A required column is missing.";
        RepeatedColumn "같은 이름의 열이 여러 개 있습니다."
            "A column appears more than once.";
        UnknownColumn "EP 가이드에 없는 열이 있습니다."
            "There is a column that the EP guide does not know.";
    }
    Shape "행 구조" "Shape of rows" {
        FieldCount "칸 수가 첫 줄과 맞지 않는 행이 있습니다."
            "There are rows with a different number of fields than the header.";
        ControlCharacter "값 안에 제어 문자가 있습니다."
            "There are control characters inside values.";
        CarriageReturn "줄 끝에 캐리지 리턴(CR)이 있습니다."
            "There are carriage returns at the end of rows.";
        LoneCarriageReturn "줄이 LF 없이 CR만으로 끝나 파일 전체가 한 줄로 읽힙니다."
            "Rows end in CR without LF, so readers take the file for one row.";
        TrailingTab "줄 끝에 탭이 하나 더 있습니다. 그 앞의 값은 모두 읽었습니다."
            "Lines end in one tab more: all values before it were read.";
        BlankLastLine "마지막 상품 뒤에 빈 줄이 있습니다. 상품으로 세지 않았습니다."
            "There is an empty line after the last product: it was not counted.";
        Quoted "값이 따옴표로 싸여 있습니다. EP에서는 따옴표도 값이 되니 따옴표 없이 저장해 주세요."
            "Values stand in quotes, which an EP takes for a part of them: please save it without.";
        NoFinalLineEnd "마지막 행 뒤에 줄바꿈이 없습니다. 파일 뒷부분이 잘렸을 수 있습니다."
            "There is no line end after the last row: the file may have been cut short.";
        RowTooLong "지나치게 긴 행이 있습니다."
            "There are rows that are far too long.";
    }
    RequiredValues "필수 값" "Required values" {
        EmptyRequired "필수 값이 비어 있는 상품이 있습니다."
            "There are products without a required value.";
    }
    UniqueIds "상품 ID 중복" "Unique ids" {
        RepeatedId "같은 상품 ID가 여러 번 나옵니다. 띄어쓰기만 다른 ID도 같은 ID입니다."
            "There are ids that appear more than once; ids that differ by spaces are one id.";
        TooManyIds "상품이 너무 많아 앞부분의 ID까지만 중복을 확인했습니다."
            "There are too many products: only the first ids were compared.";
    }
    Formats "값 형식" "Formats" {
        BadValue "형식에 맞지 않는 값이 있습니다."
            "There are values that break their column's rule.";
        IgnoredValue "형식에 맞지 않아 네이버가 쓰지 않거나 바꿔 쓰는 값이 있습니다. 상품은 그대로 등록됩니다."
            "There are values that Naver ignores or replaces, as they break their column's rule; it takes the products.";
        Entity "값에 HTML 문자 코드가 남아 있습니다. 코드 대신 그 문자를 써 주세요."
            "There are HTML entities in values: please write the characters themselves.";
        InvisibleCharacter "값에 눈에 보이지 않는 문자가 섞여 있습니다. 지워 주세요."
            "There are characters in values that nobody sees: please remove them.";
        PrivateHost "밖에서 열 수 없는 주소(내부망이나 localhost)가 있습니다. 누구나 열 수 있는 주소로 바꿔 주세요."
            "There are addresses of a private network or of this machine: nobody outside can open them.";
    }
    RowCount "상품 수" "Row count" {
        NoRows "상품이 하나도 없습니다."
            "There is not a single product.";
        OverCap "상품 수가 한도를 넘었습니다."
            "There are more products than the cap allows.";
        RowsDiffer "상품 수가 공개할 때의 기록과 다릅니다."
            "The number of products is not what the record says.";
        SummaryFile "바뀐 상품만 담은 요약 EP라서 상품 수와 가격 중앙값은 비교하지 않았습니다. 전체 EP 주소라면 전체 파일을 올려 주세요."
            "It is a summary EP, which lists changes only, so row count and median price were not compared. If this is the address of the whole EP, the whole one should be here.";
    }
    Prices "가격" "Prices" {
        ZeroPrice "가격이 0원인 상품이 있습니다."
            "There are products with a price of zero.";
        OddPrice "상품 가격이라고 보기 어려운 금액이 있습니다."
            "There are prices that no product would have.";
        ListPriceNotAbove "정가가 판매가보다 높지 않은 상품이 있습니다. 할인이 아니면 정가는 비워 두세요."
            "There are products whose list price is not above their price: leave it empty where nothing is off.";
        MedianMoved "가격 중앙값이 이전 공개본과 크게 다릅니다."
            "The median price is far from that of the publication before.";
        MedianJumped "가격 중앙값이 이전 공개본의 몇 배로 뛰거나 몇 분의 일로 떨어졌습니다. 통화나 단위를 확인해 주세요."
            "The median price is a multiple or a fraction of that of the publication before: please check currency and unit.";
    }
    Sanctions "네이버 제재 사유" "Naver's sanctions" {
        RepeatedTitle "상품명이 똑같은 상품이 많습니다. 색상이나 크기처럼 서로 구별되는 말을 넣어 주세요."
            "Many products have the same title: name what tells them apart, such as colour or size.";
        RepeatedImage "같은 이미지를 쓰는 상품이 많습니다. 상품마다 제 이미지를 넣어 주세요."
            "Many products have the same image: each should have its own.";
        OneLink "상품 대부분이 같은 주소로 연결됩니다. 상품마다 제 페이지 주소를 넣어 주세요."
            "Most products have the same link: each should lead to its own page.";
        PhoneNumber "상품명에 전화번호가 들어 있습니다. 빼 주세요."
            "There are phone numbers in titles: please take them out.";
        Promotion "상품명에 홍보 문구가 들어 있습니다. 빼고, 필요하면 이벤트나 쿠폰 열에 넣어 주세요."
            "There are promotion phrases in titles: please take them out; events and coupons have columns of their own.";
    }
    Alive "상품 페이지와 이미지" "Pages and images" {
        DeadPage "열리지 않는 상품 페이지가 있습니다."
            "There are product pages that do not open.";
        DeadImage "열리지 않는 상품 이미지가 있습니다."
            "There are product images that do not open.";
        MostlyDead "열어 본 페이지나 이미지의 절반이 넘게 열리지 않습니다."
            "More than half of the pages and images that were tried do not open.";
        HostRefuses "이쪽의 접속을 모두 거절하는 서버가 있습니다. 브라우저로는 열린다면 쇼핑몰의 접속 차단 설정을 확인해 주세요."
            "A host refuses everything that is asked from here: if a browser opens it, please look at what the shop blocks.";
        HostDead "주소가 하나도 열리지 않는 서버가 있습니다."
            "There is a host of which not one address opens.";
        PageElsewhere "다른 페이지로 넘어가는 상품 주소가 있습니다. 판매가 끝난 상품인지 확인해 주세요."
            "There are product pages that lead to another page: please check whether those products are still sold.";
        PagePrice "상품 페이지의 가격이 피드와 다릅니다. 쇼핑몰의 가격이 방금 바뀐 것이 아니라면 카탈로그를 확인해 주세요."
            "There are product pages with another price than the feed's: if the shop did not change it just now, please check the catalogue.";
        PageNotSold "상품 페이지에 품절이나 판매 종료로 표시된 상품이 피드에 있습니다."
            "The feed has products that their pages say are sold out or discontinued.";
        PageOther "상품 페이지가 다른 번호의 상품을 보여 줍니다. 상품 주소를 확인해 주세요."
            "There are product pages about a product of another number: please check the links.";
        PageMembersPrice "상품 페이지에 회원 가격이 표시되어 있습니다."
            "There are product pages that show the members' price.";
        PageNewer "빌드 이후에 가격이 바뀐 상품 페이지가 있습니다. 다음 생성에서 반영됩니다."
            "There are product pages whose price changed since the build: the next export takes it up.";
        NotAnImage "이미지 주소인데 JPEG, PNG, GIF, WebP 이미지가 아닙니다."
            "There are image addresses with something other than a JPEG, PNG, GIF or WebP image.";
        ImageSize "이미지 크기가 300~4000픽셀을 벗어났습니다."
            "There are images outside of 300 to 4000 pixels.";
        NoneAnswered "상품 페이지와 이미지 주소가 모두 응답하지 않습니다. 쇼핑몰이나 이곳의 네트워크를 확인해 주세요."
            "Not one page or image answered: please check the shop, or the network from here.";
    }
    ScheduleKept "예정된 실행" "Schedule kept" {
        MissedRun "오늘 예정된 EP 생성이 실행된 기록이 없습니다. Cloud Scheduler 작업을 확인해 주세요."
            "An export of today was due and left no record: please check the Cloud Scheduler jobs.";
    }
}
