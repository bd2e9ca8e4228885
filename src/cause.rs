//! An error with its causes, as one text: the outermost alone mostly says next to nothing.

use std::error::Error;

/// The error and its causes from the outermost in, each once.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = cause.source();
    }
    text
}

/// The same of a failed request, without its URL: it may hold a secret, and whoever tells the error names it.
pub fn of_request(error: reqwest::Error) -> String {
    chain(&error.without_url())
}
