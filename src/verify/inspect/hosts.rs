//! Links that only work inside a private network: their host is this machine, a neighbour, or a name of neither.

use url::Url;

use crate::web::is_public;

/// Whether a link, which keeps its column's rule, leads where the public cannot follow.
pub fn is_private(link: &str) -> bool {
    may_be_private(link) && Url::parse(link).is_ok_and(|url| !is_public(&url))
}

/// Whether a link needs a closer look: nearly all begin and end their host with a letter and hold a point in it. The
/// endings that only private networks know are rare among public ones.
fn may_be_private(link: &str) -> bool {
    let host = link.split_once("://").map_or(link, |(_, rest)| rest);
    let host = host.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    let ending = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.')
        || !name.starts_with(|c: char| c.is_ascii_alphabetic())
        || !ending.bytes().all(|byte| byte.is_ascii_lowercase())
        || matches!(ending, "" | "localhost" | "local" | "internal" | "lan" | "arpa")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_into_private_networks_are_told_from_others() {
        for link in [
            "http://localhost:8080/p/1",
            "http://127.0.0.1/1.jpg",
            "https://192.168.0.10/p",
            "http://user@10.0.0.1:80/",
            "http://[::1]/",
            "http://intranet/p/1",
            "https://shop.local/p/1",
            "https://shop.internal./p",
            "https://SHOP.LOCAL/p",
            "http://0x7f.1/",
            "http://localhost",
        ] {
            assert!(is_private(link), "{link}");
        }
        for link in [
            "https://shop.example/p/1",
            "https://1001.shop.example/p?u=http://localhost/",
            "https://m.shop.co.kr:8443/",
            "https://xn--o39aom.kr/",
            "https://8.8.8.8/1.jpg",
            "HTTPS://SHOP.EXAMPLE/P",
            "",
        ] {
            assert!(!is_private(link), "{link}");
        }
    }

    proptest! {
        #[test]
        fn the_closer_look_misses_nothing(
            host in "([a-z0-9.:@\\[\\]-]{1,12}|[a-zA-Z]{1,6}\\.)(localhost|LOCAL|local|internal|lan|home\\.arpa|1|co\\.kr|)[.]?(:80)?",
            path in "[/?#\\\\]?[a-z:/@.]{0,8}",
        ) {
            let link = format!("https://{host}{path}");
            if Url::parse(&link).is_ok_and(|url| !is_public(&url)) {
                prop_assert!(is_private(&link), "{link}");
            }
        }
    }
}
