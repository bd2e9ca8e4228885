//! Where a merchant's own table of corrections stands: `CORRECTIONS_URL`.

use std::path::PathBuf;

use url::Url;

use super::env::Env;

/// `CORRECTIONS_URL`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorrectionsPlace {
    /// `https:` or `http:`
    Web(Url),
    /// `file:…`
    File(PathBuf),
    /// `gs://bucket/name`
    Gcs {
        /// The bucket's name.
        bucket: String,
        /// The object's name.
        name: String,
    },
    /// `s3://bucket/name`, read as the feed's own bucket is.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        name: String,
    },
}

impl CorrectionsPlace {
    /// Reads `CORRECTIONS_URL`; nothing where it is not set.
    pub fn from_env(env: &mut Env<'_>) -> Option<Self> {
        env.optional("CORRECTIONS_URL", parse)
    }
}

/// Nothing of it is quoted: any part may be a secret.
fn parse(text: &str) -> Result<CorrectionsPlace, String> {
    let error = || {
        "expected the address of a CSV: https://host/table.csv, gs://bucket/table.csv, s3://bucket/table.csv or \
         file:./table.csv"
            .to_owned()
    };
    if let Some(path) = text.strip_prefix("file:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return if path.is_empty() { Err(error()) } else { Ok(CorrectionsPlace::File(path.into())) };
    }
    let bucket = |rest: &str| {
        let (bucket, name) = rest.split_once('/').ok_or_else(error)?;
        let is_sound = bucket.len() >= 3 && !name.is_empty() && !name.ends_with('/');
        if is_sound { Ok((bucket.to_owned(), name.to_owned())) } else { Err(error()) }
    };
    if let Some(rest) = text.strip_prefix("gs://") {
        return bucket(rest).map(|(bucket, name)| CorrectionsPlace::Gcs { bucket, name });
    }
    if let Some(rest) = text.strip_prefix("s3://") {
        return bucket(rest).map(|(bucket, name)| CorrectionsPlace::S3 { bucket, name });
    }
    let url = Url::parse(text).map_err(|_| error())?;
    if matches!(url.scheme(), "http" | "https") { Ok(CorrectionsPlace::Web(url)) } else { Err(error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_address_is_read_and_a_wrong_one_is_not_quoted() {
        let bucket = |name: &str| ("shop".to_owned(), name.to_owned());
        let (name, path) = (bucket("a/b.csv"), PathBuf::from("./b.csv"));
        for (text, expected) in [
            ("https://docs.example/e/pub?output=csv", "Web"),
            ("file:./b.csv", "File"),
            ("file:///srv/b.csv", "File"),
            ("gs://shop/a/b.csv", "Gcs"),
            ("s3://shop/a/b.csv", "S3"),
            ("gs://shop", ""),
            ("s3://shop/", ""),
            ("s3://shop/a/", ""),
            ("ftp://secret.example/b.csv", ""),
            ("file:", ""),
            ("secret", ""),
        ] {
            match (parse(text), expected) {
                (Ok(CorrectionsPlace::Web(url)), "Web") => assert_eq!(url.as_str(), text),
                (Ok(CorrectionsPlace::File(found)), "File") => assert!(found == path || found.is_absolute()),
                (Ok(CorrectionsPlace::Gcs { bucket, name: found }), "Gcs")
                | (Ok(CorrectionsPlace::S3 { bucket, name: found }), "S3") => {
                    assert_eq!((bucket, found), name)
                }
                (Err(message), "") => assert!(!message.contains("secret"), "{message}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
