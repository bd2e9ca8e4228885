//! Addresses, and which of a product's images its row shows.

use std::borrow::Cow;

use url::Url;

use crate::{
    ep::{broken::Broken, columns::Column, rules::Violation},
    product::{ImageField, Member},
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
pub(super) struct Images {
    /// The first one.
    pub(super) main: String,
    /// Where it stood.
    pub(super) from: ImageField,
    /// The others, joined by `|`.
    pub(super) more: String,
}

/// The first image that can be one, and as many further ones as fit: none twice, those that cannot be left out. Without
/// any that can be, what is wrong with the first.
pub(super) fn images(member: &Member<'_, '_>) -> Result<Images, Broken> {
    let mut wrong = None;
    let mut sound = member.images().filter_map(|(field, raw)| match image_link(&raw) {
        Ok(url) => Some((field, url)),
        Err(broken) => {
            wrong.get_or_insert(broken);
            None
        }
    });
    let Some((from, main)) = sound.next() else {
        return Err(wrong.unwrap_or_else(|| Broken::of(Column::ImageLink, Violation::Required, "")));
    };
    let (mut more, mut length) = (Vec::<String>::new(), 0);
    for (_, url) in sound {
        let fits = length + url.len() <= IMAGES_LENGTH && !url.contains('|');
        if fits && url != main && !more.contains(&url) {
            length += url.len() + 1;
            more.push(url);
            if more.len() == IMAGES {
                break;
            }
        }
    }
    Ok(Images { main, from, more: more.join("|") })
}

fn image_link(raw: &str) -> Result<String, Broken> {
    let url = String::from(http_url(Column::ImageLink, &raised(raw))?);
    if url.len() > ADDRESS {
        return Err(Broken::of(Column::ImageLink, Violation::TooLong, url));
    }
    Ok(url)
}

/// The image in a size that may be shown: a suffix below `_s4` (500 px) becomes `_s5` (2000 px).
pub(super) fn raised(raw: &str) -> Cow<'_, str> {
    let path = &raw[..raw.find(['?', '#']).unwrap_or(raw.len())];
    let stem = match path.rfind('.') {
        Some(dot) if dot > path.rfind('/').unwrap_or(0) => dot,
        _ => path.len(),
    };
    let (stem, end) = raw.split_at(stem);
    match stem.as_bytes() {
        [.., b'_', b's' | b'S', b'1'..=b'3'] => format!("{}5{end}", &stem[..stem.len() - 1]).into(),
        _ => raw.into(),
    }
}
