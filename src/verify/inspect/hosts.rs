//! Links that only work inside a private network: their host is this machine, a neighbour, or a name of neither.

use url::Url;

use crate::web::is_public;

/// Whether a link, which keeps its column's rule, leads where the public cannot follow. Most links are known to be public
/// at a glance and never come here.
pub fn is_private(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| !is_public(&url))
}

#[cfg(test)]
mod tests {
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
            "http:80s://shop.example/p/1",
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
}
