//! What is being done when the fault strikes.

use auto_ep::step::Step;

/// The days of all scenarios: 6 and 7 October 2026 in Seoul.
pub const MIDNIGHT: &str = "2026-10-05T15:00:00Z";
const EXPORT: &str = "2026-10-05T15:05:00Z";
const VERIFY: &str = "2026-10-05T15:50:00Z";
pub const AFTERNOON: &str = "2026-10-06T06:00:00Z";
pub const LAST: &str = "2026-10-06T08:50:00Z";
pub const NEXT_DAY: &str = "2026-10-06T15:50:00Z";
/// Of the next day, but within 24 hours of the ticks that are retried then: older ones are refused.
pub const AFTER_MIDNIGHT: &str = "2026-10-06T15:00:30Z";

/// One delivery of the Scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    pub step: Step,
    /// The scheduled time, which the header carries.
    pub at: &'static str,
    /// How long before it somebody presses "force run"; 0 for the tick itself.
    pub early: i64,
}

/// A tick that comes at its time.
pub const fn tick(step: Step, at: &'static str) -> Tick {
    Tick { step, at, early: 0 }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// `create-thread` opens the day.
    Midnight,
    /// The first export ever, on a day without a thread.
    FirstExport,
    /// An export with yesterday's build public and the thread open.
    Export,
    /// An export whose source fails the first attempt, so that its message is edited.
    FailedExport,
    /// An export after people deleted the thread.
    DeletedThread,
    /// An export in a workspace where messages may not be edited.
    ClosedEdits,
    /// An export whose source failed the first attempt, where messages may not be removed.
    NoRemovals,
    /// Somebody forces the export a minute before its time.
    Forced,
    /// A verification.
    Verify,
}

impl Scenario {
    /// What happened before, undisturbed.
    pub fn before(self) -> Vec<Tick> {
        let yesterday = tick(Step::ExportProducts, "2026-10-05T06:00:00Z");
        let opened = tick(Step::CreateThread, MIDNIGHT);
        match self {
            Self::Midnight => vec![yesterday],
            Self::FirstExport => vec![],
            Self::Export
            | Self::FailedExport
            | Self::DeletedThread
            | Self::ClosedEdits
            | Self::NoRemovals
            | Self::Forced => vec![yesterday, opened],
            Self::Verify => vec![yesterday, opened, tick(Step::ExportProducts, EXPORT)],
        }
    }

    /// What is disturbed.
    pub fn ticks(self) -> Vec<Tick> {
        let export = tick(Step::ExportProducts, EXPORT);
        match self {
            Self::Midnight => vec![tick(Step::CreateThread, MIDNIGHT)],
            Self::FirstExport
            | Self::Export
            | Self::FailedExport
            | Self::DeletedThread
            | Self::ClosedEdits
            | Self::NoRemovals => vec![export],
            Self::Forced => vec![Tick { early: 60, ..export }, export],
            Self::Verify => vec![tick(Step::VerifyEp, VERIFY)],
        }
    }
}
