//! The command lines that messages show, and what people can do with them.
//!
//! It never knows a verdict: which remedies a message brings is for the message.

use super::{blocks::Blocks, wording::Words};
use crate::{chat::escape, report::BuildId, step::Step};

/// Where this service is called, as a command line says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalledAt {
    /// Here nobody is asked who they are.
    Open(String),
    /// Behind Cloud Run's IAM, which wants an identity token.
    CloudRun(String),
    /// The same, where nobody told the service its address: gcloud tells it by the service's name, in the project and
    /// the region that it is set to.
    CloudRunService(String),
}

/// Command lines for this service.
#[derive(Debug, Clone)]
pub(super) struct Commands(CalledAt);

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
    pub(super) fn new(at: CalledAt) -> Self {
        Self(at)
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
    }

    /// The command line that runs a step, in a box.
    pub(super) fn step(&self, step: Step) -> String {
        self.curl("", step.into())
    }

    /// `body` may be empty and holds no `'`: even then `-d` makes curl send a length, which Google's front end asks of
    /// every POST.
    fn curl(&self, body: &str, path: &str) -> String {
        const TOKEN: &str = "-H \"Authorization: Bearer $(gcloud auth print-identity-token)\"";
        escape::fence(&match &self.0 {
            // A shell takes `&` for the end of a command.
            CalledAt::Open(url) if path.contains('&') => format!("curl -X POST -d '{body}' \"{url}/{path}\""),
            CalledAt::Open(url) => format!("curl -X POST -d '{body}' {url}/{path}"),
            CalledAt::CloudRun(url) => format!("curl -X POST -d '{body}' {TOKEN} \"{url}/{path}\""),
            CalledAt::CloudRunService(name) => {
                let url = format!("$(gcloud run services describe {name} --format='value(status.url)')");
                format!("curl -X POST -d '{body}' {TOKEN} \"{url}/{path}\"")
            }
        })
    }
}
