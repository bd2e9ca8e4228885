//! An error with its causes, as one text: the outermost alone mostly says next to nothing.
//!
//! It never tells what may be a key or a token that a service repeats.

use std::{error::Error, iter::successors};

/// So many characters without a space that may be a key or a token are one.
const SECRET: usize = 40;
/// How the ids of Amazon's keys begin, and how long they are at least.
const KEY_IDS: [&str; 2] = ["AKIA", "ASIA"];
const KEY_ID: usize = 16;

/// The error and its causes from the outermost in, each once.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    for cause in causes(error) {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
    }
    text
}

/// What caused an error, from the outermost in.
pub(crate) fn causes<'e>(error: &'e (dyn Error + 'e)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    successors(error.source(), |&cause| cause.source())
}

/// The same of a failed request, without its URL: it may hold a secret, and whoever tells the error names it.
pub fn of_request(error: reqwest::Error) -> String {
    chain(&error.without_url())
}

/// What a service says, without anything that may be a key or a token: who refuses a request likes to repeat it.
/// Addresses stay but for long queries, and so do the names of Amazon's resources.
pub fn without_keys(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| c.is_whitespace() || "\"'`\\<>,;".contains(c)) {
        let may_be_secret = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%".contains(c);
        let is_long = |word: &str| word.chars().filter(|c| may_be_secret(*c)).count() >= SECRET;
        let has_key_id =
            KEY_IDS.iter().any(|begin| word.find(begin).is_some_and(|at| word.len() - at >= KEY_ID));
        match word.split_once('?') {
            _ if has_key_id => shown.push_str("… "),
            Some((address, query)) if word.contains("://") && is_long(query) => {
                shown.push_str(address);
                shown.push_str("?… ");
            }
            _ if is_long(word) && !word.contains("://") && !word.starts_with("arn:") => shown.push_str("… "),
            _ => shown.push_str(word),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_repeats_of_a_request_is_told_without_keys() {
        let token = "IQoJb3JpZ2luX2VjE".repeat(8);
        for (said, told) in [
            (format!("no <Token>{token}</Token>"), "no <Token>… /Token>".to_owned()),
            (format!("x-amz-security-token:{token}\nhost:a"), "… host:a".to_owned()),
            ("Credential=AKIAIOSFODNN7EXAMPLE/20261005".to_owned(), "… ".to_owned()),
            (
                format!("at https://b.example/x?X-Amz-Security-Token={token} now"),
                "at https://b.example/x?… now".into(),
            ),
            (
                "arn:aws:iam::123456789012:user/a-long-name-of-a-user is not authorized".to_owned(),
                "arn:aws:iam::123456789012:user/a-long-name-of-a-user is not authorized".to_owned(),
            ),
        ] {
            assert_eq!(without_keys(&said), told);
        }
    }
}
