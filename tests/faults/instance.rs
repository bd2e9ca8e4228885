//! One process of auto-ep as the outside can harm it: a call may fail, hang, kill or freeze it.
//!
//! A process acts only through its ports. So a dead one is a process whose calls never return again, and a frozen one
//! is a process whose calls return once it is thawed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

/// How long a frozen process stays so: past the run's lease and the thread's claim.
pub const FROZEN: Duration = Duration::from_secs(90);

/// When a caller gives up, and how long after that a late call lands: past two looks, 3 s apart.
const GIVES_UP: Duration = Duration::from_secs(10);
const LANDS_AFTER: Duration = Duration::from_secs(10);

/// How long a call is on its way.
const LATENCY: Duration = Duration::from_millis(5);

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Refused for good, nothing was done.
    Refused,
    /// Failed before its effect.
    Before,
    /// Done, and the answer was lost.
    LostAnswer,
    /// No answer ever.
    Hang,
    /// Come back later.
    RateLimited,
    /// An answer that makes no sense.
    Nonsense,
    /// The process dies right before the effect.
    CrashBefore,
    /// And right after it.
    CrashAfter,
    /// Whoever called the route hangs up.
    CallerLeaves,
    /// The process stands still before the effect, and goes on when its lease is long over.
    FrozenBefore,
    /// And after the effect.
    FrozenAfter,
    /// Taken after the caller gave up, and done still later.
    LandsLate,
    /// The process dies while the call is on its way; it lands when a successor has looked.
    DiesInFlight,
}

impl Fault {
    pub const ALL: [Self; 13] = [
        Self::Refused,
        Self::Before,
        Self::LostAnswer,
        Self::Hang,
        Self::RateLimited,
        Self::Nonsense,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::CallerLeaves,
        Self::FrozenBefore,
        Self::FrozenAfter,
        Self::LandsLate,
        Self::DiesInFlight,
    ];

    /// Whether the caller's connection ends with it.
    pub fn cuts_off(self) -> bool {
        !matches!(
            self,
            Self::Refused
                | Self::Before
                | Self::LostAnswer
                | Self::Hang
                | Self::RateLimited
                | Self::Nonsense
                | Self::LandsLate
        )
    }

    /// Whether the process answers the next call as if nothing had been.
    pub fn spares_the_process(self) -> bool {
        !matches!(
            self,
            Self::CrashBefore
                | Self::CrashAfter
                | Self::FrozenBefore
                | Self::FrozenAfter
                | Self::DiesInFlight
        )
    }
}

/// Where and when a fault strikes, shared by all processes of a case.
#[derive(Default)]
pub struct Plan {
    inside: Mutex<Planned>,
    /// Told when it struck.
    pub struck: Notify,
}

#[derive(Default)]
struct Planned {
    /// Counts only once armed.
    armed: bool,
    calls: BTreeMap<String, usize>,
    strike: Option<(String, usize, Fault)>,
    /// Strike the same call once more in a later attempt.
    again: bool,
    second: Option<(String, Fault)>,
    has_struck: bool,
}

impl Plan {
    /// From now on calls count, and the `nth` call (from 0) of `op` is struck.
    pub fn arm(&self, strike: Option<(String, usize, Fault)>, again: bool) {
        *self.inside.lock().unwrap() = Planned { armed: true, strike, again, ..Planned::default() };
    }

    /// How often each operation was called since.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        self.inside.lock().unwrap().calls.clone()
    }

    pub fn has_struck(&self) -> bool {
        self.inside.lock().unwrap().has_struck
    }

    /// The retry begins: from here on a second strike may fall.
    pub fn retry_begins(&self) {
        let mut plan = self.inside.lock().unwrap();
        if plan.again
            && plan.has_struck
            && let Some((op, _, fault)) = plan.strike.clone()
        {
            plan.again = false;
            plan.second = Some((op, fault));
        }
    }

    fn fault(&self, op: &str) -> Option<Fault> {
        let mut plan = self.inside.lock().unwrap();
        if !plan.armed {
            return None;
        }
        let count = plan.calls.entry(op.to_owned()).or_default();
        let number = *count;
        *count += 1;
        let first = plan.strike.as_ref().filter(|(at, nth, _)| at == op && *nth == number).map(|s| s.2);
        let second = plan.second.take_if(|(at, _)| at == op).map(|(_, fault)| fault);
        let fault = first.or(second);
        if fault.is_some() {
            plan.has_struck = true;
            self.struck.notify_waiters();
        }
        fault
    }
}

/// One process.
pub struct Instance {
    plan: Arc<Plan>,
    dead: AtomicBool,
    /// The call at hand lands so much later.
    late: Mutex<Option<Duration>>,
    thaw: Mutex<Option<Instant>>,
    /// Told when the connections to it break.
    pub cut_off: Notify,
}

/// How a call ends when it does not simply succeed.
pub enum Ending {
    Refused,
    Before,
    LostAnswer,
    RateLimited,
}

impl Instance {
    pub fn new(plan: Arc<Plan>) -> Arc<Self> {
        let (dead, late, thaw, cut_off) =
            (AtomicBool::new(false), Mutex::default(), Mutex::new(None), Notify::new());
        Arc::new(Self { plan, dead, late, thaw, cut_off })
    }

    /// Returns when the process is alive and not frozen: never, if it is dead.
    pub async fn gate(&self) {
        loop {
            if self.dead.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let thaw = *self.thaw.lock().unwrap();
            match thaw {
                Some(then) if then > Instant::now() => tokio::time::sleep_until(then).await,
                _ => return,
            }
        }
    }

    /// One call to the outside, with whatever the plan has for it.
    pub async fn call<T, E>(
        &self,
        op: &str,
        effect: impl FnOnce() -> Result<T, E>,
        error: impl FnOnce(Ending) -> E,
        nonsense: impl FnOnce(Result<T, E>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.gate().await;
        let fault = self.plan.fault(op);
        if let Some(fault) = fault
            && fault.cuts_off()
        {
            self.cut_off.notify_waiters();
        }
        match fault {
            Some(Fault::Refused) => return Err(error(Ending::Refused)),
            Some(Fault::Before) => return Err(error(Ending::Before)),
            Some(Fault::RateLimited) => return Err(error(Ending::RateLimited)),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::CrashBefore) => self.dead.store(true, Ordering::Relaxed),
            Some(Fault::FrozenBefore) => self.freeze(),
            Some(Fault::LandsLate) => {
                tokio::time::sleep(GIVES_UP).await;
                *self.late.lock().unwrap() = Some(LANDS_AFTER);
                return effect();
            }
            Some(Fault::DiesInFlight) => {
                *self.late.lock().unwrap() = Some(LANDS_AFTER * 5);
                let _ = effect();
                self.dead.store(true, Ordering::Relaxed);
                std::future::pending::<()>().await;
                unreachable!("a dead process does nothing");
            }
            _ => {}
        }
        // On its way; meanwhile others act.
        tokio::time::sleep(LATENCY).await;
        self.gate().await;
        let result = effect();
        match fault {
            Some(Fault::CrashAfter) => self.dead.store(true, Ordering::Relaxed),
            Some(Fault::FrozenAfter) => self.freeze(),
            _ => {}
        }
        self.gate().await;
        match fault {
            Some(Fault::LostAnswer) => Err(error(Ending::LostAnswer)),
            Some(Fault::Nonsense) => nonsense(result),
            _ => result,
        }
    }

    /// By how much the effect of the call at hand is late; asked once.
    pub fn lands_late(&self) -> Option<Duration> {
        self.late.lock().unwrap().take()
    }

    fn freeze(&self) {
        *self.thaw.lock().unwrap() = Some(Instant::now() + FROZEN);
    }
}
