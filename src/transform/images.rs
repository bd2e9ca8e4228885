//! Addresses, and which of a product's images its row shows.

use std::borrow::Cow;

use url::Url;

use crate::{
    ep::{broken::Broken, columns::Column, plain, rules::Violation},
    map::{ImageSize, Place},
    product::Member,
};

/// The most further images of a row.
const IMAGES: usize = 10;
/// The most characters of an address.
const ADDRESS: usize = 255;
/// The most characters of all further images together.
const IMAGES_LENGTH: usize = 2560;

/// Parsing percent-encodes what is not ASCII and drops TAB and line breaks. An address without a scheme, `//host/path`,
/// is an https one.
pub(super) fn http_url(column: Column, raw: &str) -> Result<Url, Broken> {
    // `http:x` and `http:///x` are read as hosts by those who mean well.
    let rest = raw.split_once(':').map_or(raw, |(_, rest)| rest);
    let names_a_host = rest.strip_prefix("//").is_some_and(|host| !host.starts_with(['/', '\\']));
    let whole = if raw.starts_with("//") { Cow::from(format!("https:{raw}")) } else { Cow::from(raw) };
    match Url::parse(&whole) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && names_a_host => Ok(url),
        _ => Err(Broken::of(column, Violation::NotHttp, raw)),
    }
}

/// The images of a row.
#[derive(Default)]
pub(super) struct Images<'p> {
    /// The first one.
    pub(super) main: Cow<'p, str>,
    from: Option<(&'p Place, usize)>,
    /// The others.
    more: Vec<Cow<'p, str>>,
}

impl Images<'_> {
    /// Writes the others, joined by `|`.
    pub(super) fn write_more(&self, out: &mut String) {
        for (at, url) in self.more.iter().enumerate() {
            out.push_str(if at > 0 { "|" } else { "" });
            out.push_str(url);
        }
    }

    /// Where the first one stood.
    pub(super) fn place(&self) -> String {
        self.from.map(|(place, nth)| place.nth(nth)).unwrap_or_default()
    }
}

/// The first image that can be one, and as many further ones as fit: none twice, those that cannot be left out. Without
/// any that can be, what is wrong with the first.
pub(super) fn images<'p>(member: &Member<'p, '_>) -> Result<Images<'p>, Broken> {
    let mut wrong = None;
    let mut sound =
        member.images().filter_map(|(place, nth, raw)| match image_link(raw, &member.map.image_sizes) {
            Ok(url) => Some((place, nth, url)),
            Err(broken) => {
                wrong.get_or_insert(broken);
                None
            }
        });
    let Some((place, nth, main)) = sound.next() else {
        return Err(wrong.unwrap_or_else(|| Broken::of(Column::ImageLink, Violation::Required, "")));
    };
    let (mut more, mut length) = (Vec::new(), 0);
    for (_, _, url) in sound {
        let separator = usize::from(!more.is_empty());
        let fits =
            length + separator + url.len() <= IMAGES_LENGTH && memchr::memchr(b'|', url.as_bytes()).is_none();
        if fits && url != main && !more.contains(&url) {
            length += separator + url.len();
            more.push(url);
            if more.len() == IMAGES {
                break;
            }
        }
    }
    Ok(Images { main, from: Some((place, nth)), more })
}

fn image_link<'p>(raw: Cow<'p, str>, sizes: &[ImageSize]) -> Result<Cow<'p, str>, Broken> {
    let raw = match raised(&raw, sizes) {
        Cow::Borrowed(_) => raw,
        Cow::Owned(raised) => Cow::Owned(raised),
    };
    let url =
        if plain::address(&raw) { raw } else { String::from(http_url(Column::ImageLink, &raw)?).into() };
    if url.len() > ADDRESS {
        return Err(Broken::of(Column::ImageLink, Violation::TooLong, url));
    }
    Ok(url)
}

/// The image in a size that may be shown: the end of its name that says that it is too small is replaced.
pub(super) fn raised<'r>(raw: &'r str, sizes: &[ImageSize]) -> Cow<'r, str> {
    let path = &raw.as_bytes()[..memchr::memchr2(b'?', b'#', raw.as_bytes()).unwrap_or(raw.len())];
    let stem = match memchr::memrchr2(b'.', b'/', path) {
        Some(dot) if dot > 0 && path[dot] == b'.' => dot,
        _ => path.len(),
    };
    let (stem, end) = raw.split_at(stem);
    let larger = |size: &ImageSize| {
        let stem = size.small.iter().find_map(|small| stem.strip_suffix(small.as_str()))?;
        Some(format!("{stem}{}{end}", size.large))
    };
    sizes.iter().find_map(larger).map_or(Cow::Borrowed(raw), Cow::Owned)
}
