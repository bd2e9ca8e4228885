//! Which of a product's images its row shows.

use std::borrow::Cow;

use super::address::Address;
use crate::{
    ep::{
        broken::Broken,
        columns::Column,
        line::Seen,
        plain::{self, Known},
        rules::Violation,
    },
    map::{ImageSize, Place},
    product::Member,
};

/// The most further images of a row.
const IMAGES: usize = 10;
/// The most characters of an address.
const ADDRESS: usize = 255;
/// The most characters of all further images together.
const IMAGES_LENGTH: usize = 2560;

/// The images of a row.
pub(super) struct Images<'p> {
    /// The first one.
    main: Address<'p>,
    place: (&'p Place, usize),
    /// The others.
    more: Vec<Address<'p>>,
}

impl Images<'_> {
    /// Writes the first one.
    pub(super) fn write_main(&self, out: &mut String) -> Seen {
        self.main.write(out)
    }

    /// Writes the others, joined by `|`.
    pub(super) fn write_more(&self, out: &mut String) -> Seen {
        let mut seen = Seen::Content;
        for (at, url) in self.more.iter().enumerate() {
            if at > 0 {
                out.push('|');
            }
            if url.write(out) == Seen::No {
                seen = Seen::No;
            }
        }
        seen
    }

    /// Where the first one stood.
    pub(super) fn place(&self) -> String {
        let (place, nth) = self.place;
        place.nth(nth)
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
    let (mut more, mut length) = (Vec::<Address<'p>>::new(), 0);
    for (_, _, url) in sound {
        let separator = usize::from(!more.is_empty());
        let fits = length + separator + url.text.len() <= IMAGES_LENGTH && !url.holds_bar();
        if fits && url.text != main.text && !more.iter().any(|other| other.text == url.text) {
            length += separator + url.text.len();
            more.push(url);
            if more.len() == IMAGES {
                break;
            }
        }
    }
    Ok(Images { main, place: (place, nth), more })
}

fn image_link<'p>(raw: Cow<'p, str>, sizes: &[ImageSize]) -> Result<Address<'p>, Broken> {
    let known = plain::known(&raw);
    let larger = match known {
        // Nothing follows its path.
        Some(Known { has_query: false }) => larger(&raw, raw.len(), sizes),
        _ => match raised(&raw, sizes) {
            Cow::Borrowed(_) => None,
            Cow::Owned(larger) => Some(larger),
        },
    };
    let url = match larger {
        Some(larger) => Address::of(Column::ImageLink, larger.into())?,
        None if known.is_some() => Address { text: raw, known },
        None => Address::of(Column::ImageLink, raw)?,
    };
    if url.text.len() > ADDRESS {
        return Err(Broken::of(Column::ImageLink, Violation::TooLong, url.text));
    }
    Ok(url)
}

/// The image in a size that may be shown: the end of its name that says that it is too small is replaced.
pub(super) fn raised<'r>(raw: &'r str, sizes: &[ImageSize]) -> Cow<'r, str> {
    let path = memchr::memchr2(b'?', b'#', raw.as_bytes()).unwrap_or(raw.len());
    larger(raw, path, sizes).map_or(Cow::Borrowed(raw), Cow::Owned)
}

/// The same of an image whose path ends there, where it is replaced.
fn larger(raw: &str, path: usize, sizes: &[ImageSize]) -> Option<String> {
    let path = &raw.as_bytes()[..path];
    // The name's ending is short.
    let stem = match path.iter().rposition(|b| matches!(b, b'.' | b'/')) {
        Some(dot) if dot > 0 && path[dot] == b'.' => dot,
        _ => path.len(),
    };
    let (stem, end) = raw.split_at(stem);
    let last = stem.as_bytes().last();
    sizes.iter().find_map(|size| {
        let mut small = size.small.iter().filter(|small| small.is_empty() || small.as_bytes().last() == last);
        let stem = small.find_map(|small| stem.strip_suffix(small.as_str()))?;
        Some(format!("{stem}{}{end}", size.large))
    })
}
