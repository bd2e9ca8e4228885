//! The command lines that messages show, and what people can do with them.
//!
//! It never knows a verdict: which remedies a message brings is for the message.

use super::{blocks::Blocks, wording::Words};
use crate::{chat::escape, report::BuildId, step::Step};

/// Command lines for this service.
#[derive(Debug, Clone)]
pub(super) struct Commands {
    /// Where it answers; without that they say `$URL` and bring an identity token, as Cloud Run wants it.
    base_url: Option<String>,
}

/// What people can do about a verdict.
pub(super) enum Remedy<'a> {
    /// Run the step again.
    Rerun(Step),
    /// Make another build: that mends the public file.
    Mend,
    /// Publish a held build.
    Force(&'a BuildId),
}

impl Commands {
    pub(super) fn new(base_url: Option<String>) -> Self {
        Self { base_url: base_url.map(|url| url.trim_end_matches('/').to_owned()) }
    }

    /// What people can do: each a sentence and a command line.
    pub(super) fn remedies(&self, blocks: &mut Blocks, words: Words, remedies: &[Remedy<'_>]) {
        for remedy in remedies {
            let (sentence, command) = match remedy {
                Remedy::Rerun(step) => (words.rerun(*step), self.step(*step)),
                Remedy::Mend => (words.export_mends(), self.step(Step::ExportProducts)),
                // The reason stands in the body, where it may hold spaces and any script as people type them.
                Remedy::Force(build) => {
                    let path = format!("{}?build={build}&force=true", Step::ExportProducts);
                    (words.force(), self.curl(r#"{"reason": "…"}"#, &path))
                }
            };
            blocks.remedy(&[sentence.to_owned(), command]);
        }
        if !remedies.is_empty() {
            self.where_url_is(words).into_iter().for_each(|line| blocks.remedy(&[line]));
        }
    }

    /// The command line that runs a step, in a box.
    pub(super) fn step(&self, step: Step) -> String {
        self.curl("", step.into())
    }

    /// What `$URL` stands for, where command lines do not hold the real address.
    pub(super) fn where_url_is(&self, words: Words) -> Option<String> {
        self.base_url.is_none().then(|| words.where_url_is().to_owned())
    }

    /// `body` may be empty and holds no `'`: even then `-d` makes curl send a length, which Google's front end asks of
    /// every POST.
    fn curl(&self, body: &str, path: &str) -> String {
        escape::fence(&match &self.base_url {
            // A shell takes `&` for the end of a command.
            Some(url) if path.contains('&') => format!("curl -X POST -d '{body}' \"{url}/{path}\""),
            Some(url) => format!("curl -X POST -d '{body}' {url}/{path}"),
            None => format!(
                "curl -X POST -d '{body}' -H \"Authorization: Bearer $(gcloud auth print-identity-token)\" \"$URL/{path}\""
            ),
        })
    }
}
