//! Did a product's page end as another page? Shops send products that are gone to their category or their front page.
//!
//! A page may move: another host, a slash more, a new name before the number. It is still the product's where what
//! names the product is still in it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

/// Digits of a product's number, at least.
const LEAST_DIGITS: usize = 4;

/// Whether a page that was asked for at `asked` ended somewhere else at `found`; `id` is the product's id in the feed.
pub fn is_elsewhere(asked: &Url, found: &Url, id: &str) -> bool {
    let (from, to) = (path(asked), path(found));
    if from == to {
        return false;
    }
    let last = from.rsplit('/').next().unwrap_or_default();
    let id = id.trim().to_lowercase();
    let names = [id.as_str(), last, number(last)];
    let is_named = |name: &str| name.len() >= LEAST_DIGITS && to.contains(name);
    // `/goods?no=123` that became `/item?no=123`.
    let is_asked_for = |pair: &(Cow<'_, str>, Cow<'_, str>)| {
        let value = pair.1.as_ref();
        let names_it = value.to_lowercase() == id || number(value) == value;
        !value.is_empty() && names_it && found.query_pairs().any(|found| found == *pair)
    };
    !names.into_iter().any(is_named) && !asked.query_pairs().any(|pair| is_asked_for(&pair))
}

/// A path as people read it, without slashes around it.
fn path(url: &Url) -> String {
    percent_decode_str(url.path()).decode_utf8_lossy().trim_matches('/').to_lowercase()
}

/// The longest run of digits; empty where it is too short for a number.
fn number(text: &str) -> &str {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.max_by_key(|run| run.len()).filter(|run| run.len() >= LEAST_DIGITS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_moved_is_told_from_one_that_is_gone() {
        let shop = "https://shop.example";
        for (from, to, id, elsewhere) in [
            ("/kr/ko/p/testa-50000000/", "/kr/ko/p/testa-50000000/", "50000000", false),
            ("/kr/ko/p/testa-50000000", "/kr/ko/p/testa-50000000/?ref=x", "50000000", false),
            ("/kr/ko/p/testa-50000000/", "/kr/ko/p/testa-new-50000000/", "50000000", false),
            ("/p/%EC%B1%85%EC%9E%A5", "/p/책장", "1", false),
            ("/P/ABC", "/p/abc/", "1", false),
            ("/goods/123456", "/goods/detail/123456", "A-9", false),
            ("/goods?no=123456&utm=a", "/item?no=123456", "A-9", false),
            ("/goods?no=a-9", "/item?no=a-9", "A-9", false),
            ("/kr/ko/p/testa-50000000/", "/kr/ko/cat/bookcases-10382/", "50000000", true),
            ("/kr/ko/p/testa-50000000/", "/", "50000000", true),
            ("/p/1", "/login?next=/p/1", "1", true),
            ("/goods?no=123456", "/error?no=1", "A-9", true),
            ("/goods?no=123456&src=naver", "/?src=naver", "123456", true),
        ] {
            let [from, to] = [from, to].map(|path| Url::parse(&format!("{shop}{path}")).unwrap());
            assert_eq!(is_elsewhere(&from, &to, id), elsewhere, "{from} {to}");
        }
    }
}
