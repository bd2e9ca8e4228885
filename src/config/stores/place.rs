//! The URL of a store: a folder, or a bucket with a prefix.
//!
//! It never looks whether there is such a folder or bucket.

use std::path::PathBuf;

use crate::config::env::Env;

/// A folder, or a bucket with a prefix.
pub(super) enum StoreUrl {
    /// `file:…`
    Folder(PathBuf),
    /// `gs://…` or `s3://…`
    Bucket {
        /// The bucket's name.
        bucket: String,
        /// Without slashes at its ends; may be empty.
        prefix: String,
    },
}

/// Reads `variable`; the folder `local` stands in for a missing one, which is a problem unless `embedded`.
pub(super) fn place(
    env: &mut Env<'_>,
    variable: &'static str,
    scheme: &str,
    embedded: bool,
    local: &str,
) -> StoreUrl {
    env.needed(variable, embedded, format_args!("{scheme}://bucket/prefix"));
    env.parsed(variable, StoreUrl::Folder(local.into()), |text| parse_place(text, scheme))
}

fn parse_place(text: &str, scheme: &str) -> Result<StoreUrl, String> {
    let expected = format!("expected {scheme}://bucket/prefix or file:./folder");
    let found = open_part(text);
    if let Some(rest) = text.strip_prefix("file:") {
        let path = match rest.strip_prefix("//") {
            Some(absolute) if absolute.starts_with('/') => absolute,
            Some(_) => return Err(format!("found {found:?}, which names a host; {expected}")),
            None => rest,
        };
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        if path.is_empty() {
            return Err(format!("found {found:?} without a folder; {expected}"));
        }
        return Ok(StoreUrl::Folder(path.into_owned().into()));
    }
    let Some(rest) = text.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")) else {
        return Err(format!("found {found:?}; {expected}"));
    };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let safe = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    if bucket.len() < 3 || !bucket.bytes().all(safe) {
        return Err(format!("found {found:?}, whose bucket {bucket:?} no bucket can be named; {expected}"));
    }
    let prefix = prefix.trim_matches('/');
    let odd = |part: &str| {
        part.is_empty()
            || part == "."
            || part == ".."
            || part.chars().any(|c| c.is_whitespace() || c.is_control() || "?#\\".contains(c))
    };
    if !prefix.is_empty() && prefix.split('/').any(odd) {
        return Err(format!("found {found:?}, whose prefix {prefix:?} is no plain path; {expected}"));
    }
    Ok(StoreUrl::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
}

/// What stands between a user and a query, either of which may be a secret.
fn open_part(text: &str) -> &str {
    let before_query = text.split('?').next().unwrap_or_default();
    before_query.rsplit('@').next().unwrap_or_default()
}
