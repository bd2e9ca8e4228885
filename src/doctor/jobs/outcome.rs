//! What is to be told of the jobs, as data.
//!
//! It holds no sentence.

/// What came of holding them against `SCHEDULE`.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::doctor) enum Compared {
    /// There is no job for this service.
    None,
    /// There are so many jobs, and this is what is to be told of them.
    Some(usize, Vec<Told>),
}

/// What is wrong with one job, or with one entry that has none.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::doctor) struct Told {
    /// The job's name, or the entry.
    pub of: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::doctor) enum Fault {
    /// Nobody calls at this time.
    Missing,
    /// Another job calls at the same time; whether `deploy/schedule.sh` made this one, too.
    Twice { made_by_us: bool },
    /// It calls at a time that is not in `SCHEDULE`; whether `deploy/schedule.sh` made it.
    NotInSchedule { made_by_us: bool },
    /// In this time zone.
    TimeZone(String),
    /// Somebody paused it.
    Paused,
    /// Google switched it off, or an update failed; what it says.
    Off(String),
    /// It calls another address.
    Address(String),
    /// By another method than POST.
    Method(String),
    /// Without saying who calls.
    NoToken,
    /// Its token is made out for somebody else.
    Audience(String),
    /// Its retries are not those that the service reckons with.
    Retries { found: u32 },
    /// The same of the wait before the first one.
    FirstRetry(String),
    /// The same of the time that an attempt may take.
    Deadline(String),
}

/// Why the jobs are not known.
#[derive(Debug)]
pub(in crate::doctor) enum Unread {
    /// This is no Cloud Run, so nobody says whose jobs they are.
    Elsewhere,
    /// Our account may not read them; Google's words.
    Denied(String),
    /// Nobody switched the Scheduler on in this project.
    SwitchedOff(String),
    /// Anything else.
    Other(String),
}
