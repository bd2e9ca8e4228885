//! What of the web is public: everything but this machine, its network and the cloud's metadata server.
//!
//! It is asked for a URL, for each redirect, and again for the addresses that a name stands for.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use reqwest::{
    ClientBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::{Attempt, Policy},
};
use url::{Host, Url};

/// Said of anything else.
pub(super) const NOT_PUBLIC: &str = "not an address of the public web";
/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;
/// Endings of names that only a private network knows.
const PRIVATE_NAMES: [&str; 5] = ["localhost", "local", "internal", "lan", "home.arpa"];

/// Whether a URL is one that everybody can open, as far as it says so itself.
pub fn is_public(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && match url.host() {
            Some(Host::Ipv4(address)) => is_public_v4(address),
            Some(Host::Ipv6(address)) => is_public_v6(address),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                let private = |end: &str| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
                name.contains('.') && !PRIVATE_NAMES.iter().any(|end| private(end))
            }
            None => false,
        }
}

/// A client that goes nowhere else. It uses no proxy, which would look names up by itself.
pub(super) fn only(builder: ClientBuilder) -> ClientBuilder {
    builder.no_proxy().dns_resolver(Arc::new(PublicAddresses)).redirect(Policy::custom(
        |attempt: Attempt<'_>| {
            if attempt.previous().len() > MOST_REDIRECTS {
                attempt.error("too many redirects")
            } else if is_public(attempt.url()) {
                attempt.follow()
            } else {
                attempt.error(NOT_PUBLIC)
            }
        },
    ))
}

/// The system's names, without the addresses that are not public.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<_> = found.filter(|address| is_public_address(address.ip())).collect();
            if public.is_empty() {
                return Err(NOT_PUBLIC.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let reserved = a == 0 || a >= 240 || (a == 192 && b == 0 && address.octets()[2] == 0);
    let benchmark = a == 198 && (b == 18 || b == 19);
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || shared
        || reserved
        || benchmark)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, fourth, fifth, _, high, low] = address.segments();
    let v4 = || Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (first, second) {
        // IPv4 inside IPv6, also ::1 and ::
        (0, 0) if third == 0 && fourth == 0 && fifth == 0 => is_public_v4(v4()),
        // NAT64
        (0x64, 0xff9b) => third == 0 && is_public_v4(v4()),
        // global unicast; not 6to4 and Teredo, which hold IPv4 addresses of their own
        _ => (0x2000..0x4000).contains(&first) && first != 0x2002 && (first, second) != (0x2001, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_everybody_can_open_is_public() {
        for (url, expected) in [
            ("https://www.ikea.com/kr/ko/p/x/", true),
            ("http://8.8.8.8/", true),
            ("http://[2606:4700::1111]/", true),
            ("ftp://www.ikea.com/", false),
            ("file:///etc/passwd", false),
            ("http://localhost/", false),
            ("http://shop.localhost./", false),
            ("http://intranet/", false),
            ("http://printer.local/", false),
            ("http://metadata.google.internal/computeMetadata/v1/", false),
            ("http://169.254.169.254/", false),
            ("http://2852039166/", false),
            ("http://0x7f.1/", false),
            ("http://127.0.0.1:8080/", false),
            ("http://0.0.0.0/", false),
            ("http://10.1.2.3/", false),
            ("http://172.16.0.1/", false),
            ("http://192.168.0.1/", false),
            ("http://100.64.0.1/", false),
            ("http://255.255.255.255/", false),
            ("http://224.0.0.1/", false),
            ("http://[::1]/", false),
            ("http://[::]/", false),
            ("http://[::ffff:169.254.169.254]/", false),
            ("http://[64:ff9b::a9fe:a9fe]/", false),
            ("http://[fe80::1]/", false),
            ("http://[fd00:ec2::254]/", false),
            ("http://[2002:a9fe:a9fe::]/", false),
        ] {
            assert_eq!(is_public(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_has_no_public_address() {
        let error = PublicAddresses.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert_eq!(error.to_string(), NOT_PUBLIC);
    }
}
