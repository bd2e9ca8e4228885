//! The conversation: the day's thread and what is told in it, each message once.
//!
//! `opening` opens the thread of a day, `day` keeps its parent true, `tell` tells a run's verdict, `alarm` says whom that
//! calls. What is said, and how, is `slack`'s; what happened is for whoever tells it.

mod alarm;
mod day;
pub mod deliver;
mod doubts;
mod error;
mod guide;
mod leased;
mod living;
mod opening;
mod place;
pub mod reconcile;
mod tell;

pub(crate) use alarm::is_last;
pub(crate) use day::Parent;
pub(crate) use error::{ThreadError, chat_failure};
pub(crate) use living::{Living, Proof, Replace};
pub(crate) use tell::Telling;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use self::{
    deliver::PatientChat,
    reconcile::{Intent, Once},
};
use crate::{
    chat::Chat,
    clock::Clock,
    ledger::{Doubt, Doubtful, Ledger},
    schedule::Schedule,
    slack::Renderer,
};

/// Opens and finds the threads of days, and tells in them.
pub(crate) struct Threads {
    pub(crate) ledger: Ledger,
    pub(crate) chat: Arc<dyn Chat>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) schedule: Schedule,
    /// The public URL of the feed, for the guide.
    pub(crate) feed_url: String,
    /// Where builds are kept, for the guide.
    pub(crate) files: String,
    /// `LEASE`
    pub(crate) lease: Duration,
}

impl Threads {
    /// Calls until `deadline`.
    fn calls(&self, deadline: Timestamp) -> PatientChat<'_> {
        PatientChat {
            chat: self.chat.as_ref(),
            clock: self.clock.as_ref(),
            deadline,
            one_too_many: self.renderer.one_too_many(),
        }
    }

    /// What is to be remembered of a post where another try of it may still land.
    fn doubt(&self, of: Doubtful, once: &Once, intent: Intent) -> Option<Doubt> {
        once.unsure.then(|| Doubt { of, since: intent.since, posted: self.clock.now() })
    }
}
