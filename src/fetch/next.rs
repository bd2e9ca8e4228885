//! Where a catalogue goes on: the address of the next window, as an answer gives it.
//!
//! It never follows a link to another host: whoever answers must not choose where we look for products.

use crate::{
    json::{Scalar, kind},
    preset::Call,
};

/// The link in a header: of several that are marked by what they lead to the one to the next window (RFC 8288), or else
/// the header as it stands.
fn in_header(header: &str) -> Option<&str> {
    if !header.trim_start().starts_with('<') {
        return Some(header);
    }
    let links = header.split('<').skip(1).filter_map(|link| link.split_once('>'));
    let mut next = links.filter(|(_, parameters)| parameters.split(';').any(is_next));
    next.next().map(|(link, _)| link)
}

/// Whether a parameter of a link says that it leads on: `rel="next"`, `rel=next`, `rel="last next",`.
fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let value = value.trim().trim_end_matches(',').trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("rel")
        && value.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"))
}

/// The call for the link in a header of the answer of `asked`; `None` where none leads on.
pub(super) fn by_header(asked: &Call, header: &str) -> Result<Option<Call>, String> {
    in_header(header).map_or(Ok(None), |link| call(asked, link))
}

/// The call for the value that should be a link in the answer of `asked`. `null` and `false` end the catalogue.
pub(super) fn by_value(asked: &Call, value: &[u8]) -> Result<Option<Call>, String> {
    match (value, Scalar::of(value)) {
        (_, Some(Scalar::Text(link))) => call(asked, &link),
        (b"null" | b"false", _) => Ok(None),
        (other, _) => {
            let found = other.first().map_or("nothing", |first| kind(*first));
            Err(format!("expected the address of the next window as a text where `next` says, found {found}"))
        }
    }
}

/// The call for a link; `None` for an empty one, or one that leads nowhere else, which ends the catalogue.
fn call(call: &Call, link: &str) -> Result<Option<Call>, String> {
    let link = link.trim();
    if link.is_empty() {
        return Ok(None);
    }
    let here = &call.url;
    let mut next = here
        .join(link)
        .map_err(|error| format!("expected the address of the next window, found no URL ({error})"))?;
    if here.scheme() == "https" && next.scheme() == "http" && next.port().is_none() {
        // Behind a proxy a shop often does not know that it is asked by https.
        next.set_scheme("https").map_err(|()| "the next window's address is no web address".to_owned())?;
    }
    if next.origin() != here.origin() {
        return Err(format!(
            "the next window is said to be at another address than {}; where that is right, set CATALOG_URL to it",
            here.origin().ascii_serialization()
        ));
    }
    if next.username().is_empty() && next.password().is_none() && here.password().is_some() {
        let is_set = next.set_username(here.username()).and_then(|()| next.set_password(here.password()));
        is_set.map_err(|()| "the next window's address takes no user".to_owned())?;
    }
    next.set_fragment(None);
    Ok((next != *here).then(|| Call::get(next)))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn the_link_to_the_next_window_is_found_among_others() {
        for (header, link) in [
            ("<https://a.example/?p=2>; rel=\"next\"", Some("https://a.example/?p=2")),
            ("<https://a.example/?p=1>; rel=\"prev\", </?p=3>; title=\"a, b\"; rel=next", Some("/?p=3")),
            ("</?p=9>; rel=\"last next\", </?p=1>; rel=\"first\"", Some("/?p=9")),
            ("</?p=1>; REL=\"Next\", </?p=2>; rel=\"next\"", Some("/?p=1")),
            ("</?p=1>; rel=\"prev\"", None),
            ("</?p=1>; rel=\"next-archive\"", None),
            ("https://a.example/?p=2", Some("https://a.example/?p=2")),
        ] {
            assert_eq!(in_header(header), link, "{header}");
        }
    }

    #[test]
    fn a_link_stays_with_the_host_that_was_asked() {
        let asked = |url: &str| Call::get(Url::parse(url).unwrap());
        let next =
            |url: &str, link: &str| call(&asked(url), link).map(|next| next.map(|call| call.url.to_string()));
        let (shop, found) = ("https://shop.example/api/products?p=1", |url: &str| Ok(Some(url.to_owned())));
        assert_eq!(next(shop, "?p=2"), found("https://shop.example/api/products?p=2"));
        assert_eq!(next(shop, "/v2?c=x#top"), found("https://shop.example/v2?c=x"));
        assert_eq!(next(shop, "http://shop.example/api?p=2"), found("https://shop.example/api?p=2"));
        let signed_in = "https://user:word@shop.example/api";
        assert_eq!(
            next(signed_in, "https://shop.example/api?p=2"),
            found("https://user:word@shop.example/api?p=2")
        );
        assert_eq!(next(shop, " "), Ok(None));
        assert_eq!(next(shop, "?p=1"), Ok(None), "it leads to itself");
        let value = |value: &[u8]| by_value(&asked(shop), value);
        assert_eq!((value(b"null"), value(b"false"), value(b"\"\"")), (Ok(None), Ok(None), Ok(None)));
        assert!(value(b"{\"href\":\"?p=2\"}").unwrap_err().ends_with("found an object"));
        assert!(value(b"2").unwrap_err().ends_with("found a number"));
        for link in
            ["https://evil.example/", "//evil.example/", "https://shop.example:444/", "file:///etc/passwd"]
        {
            let error = next(shop, link).unwrap_err();
            assert!(error.contains("another address than https://shop.example"), "{link}: {error}");
        }
        assert!(next(shop, "https://[").is_err());
    }
}
