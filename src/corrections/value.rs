//! Values as people and spreadsheets write them, as the feed has them.
//!
//! It never says whether one holds.

use url::Url;

/// Addresses parted by `|`, each as a browser would write it: as those of the source are.
pub(super) fn addresses(value: &str) -> String {
    let normal = |one: &str| Url::parse(one.trim()).map_or_else(|_| one.to_owned(), String::from);
    value.split('|').map(normal).collect::<Vec<_>>().join("|")
}

/// An amount without what people and spreadsheets put around its digits: `₩ 012,300원` is `12300`, and so is `12300.00`.
/// What could be another amount elsewhere, as `12.000` and `12,5` could, or is none, is left as it is.
pub(super) fn amount(value: &str) -> String {
    let bare = value.trim_start_matches(['₩', '￦']).trim_end_matches('원').trim();
    let whole = [".0", ".00"].into_iter().find_map(|nothing| bare.strip_suffix(nothing)).unwrap_or(bare);
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let is_begun = first.len() <= 3 && first.bytes().any(|digit| digit != b'0');
    let is_grouped = is_begun && groups.all(|group| group.len() == 3);
    let digits = if is_grouped { whole.replace(',', "") } else { whole.to_owned() };
    match digits.trim_start_matches('0') {
        "" => value.to_owned(),
        digits => digits.to_owned(),
    }
}
