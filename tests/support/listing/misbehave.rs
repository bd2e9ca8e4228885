//! What can be ordered to go wrong, on which calls, and how often.

use std::time::Duration;

use super::{calls::Kind, order::mix, shop::Shop};

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Windows hold no more elements than this.
    Clamp(u64),
    /// A window that should hold something is empty.
    EmptyWindow,
    /// The window before the one that was asked for.
    RepeatWindow,
    /// Any order, another one in each call, whatever `sort` says.
    Shuffle,
    /// Each n-th element of a department is no product but a text or a planner; windows count it, `productCount`
    /// does not. n is 2 at least.
    Content(u64),
    /// Each element is `{"type", "product"}`.
    Wrapped,
    /// No effect; this status with a problem of the API's kind.
    Status(u16),
    /// No effect; 429 with `Retry-After` in seconds.
    Limited(u64),
    /// 200 with a web page.
    Html,
    /// The body breaks off halfway.
    CutOff,
    /// No answer at all.
    NoAnswer,
    /// The answer takes so much longer.
    Slow(Duration),
    /// The answer without its count, or the list without its departments' counts.
    NoCount,
    /// The list does not name the order's department.
    Unlisted,
    /// After this call the order's department (the call's, where it names none) has so many elements less.
    Shrink(u64),
    /// After this call the product at this place of that department is gone from the whole shop.
    Delist(u64),
    /// The body is gzipped once, or twice under one header.
    Gzip { twice: bool },
    /// The header claims this encoding.
    Claims(&'static str),
}

/// Something that goes wrong on chosen calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub trouble: Trouble,
    kind: Option<Kind>,
    department: Option<String>,
    element: Option<u64>,
    spared: u64,
    left: u64,
}

/// What an order is compared with.
pub(super) struct Asked<'a> {
    pub kind: Kind,
    pub department: Option<&'a str>,
    /// Start and end of a window, clamped to what is there.
    pub window: Option<(u64, u64)>,
}

impl Order {
    /// Every call.
    pub fn always(trouble: Trouble) -> Self {
        Self { trouble, kind: None, department: None, element: None, spared: 0, left: u64::MAX }
    }

    /// The first call that it fits.
    pub fn once(trouble: Trouble) -> Self {
        Self::always(trouble).times(1)
    }

    pub fn times(self, n: u64) -> Self {
        Self { left: n, ..self }
    }

    /// Only calls of this kind. Troubles of windows fit windows only, whatever is said here.
    pub fn on(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// Only calls for this department.
    pub fn of(self, department: &str) -> Self {
        Self { department: Some(department.to_owned()), ..self }
    }

    /// Only windows that should hold the element at this place of the asked order.
    pub fn at(self, element: u64) -> Self {
        Self { element: Some(element), ..self }
    }

    /// The first n calls that fit are spared.
    pub fn after(self, n: u64) -> Self {
        Self { spared: n, ..self }
    }

    /// The department that the order names.
    pub(super) fn department(&self) -> Option<&str> {
        self.department.as_deref()
    }

    /// Whether it holds for this call; it is used up by that.
    pub(super) fn take(&mut self, asked: &Asked<'_>) -> bool {
        let (holds, ahead) = asked.window.map_or((false, false), |(start, end)| (start < end, start > 0));
        let fits = match self.trouble {
            Trouble::EmptyWindow => asked.kind.is_window() && holds,
            Trouble::RepeatWindow => asked.kind.is_window() && holds && ahead,
            Trouble::Clamp(_) => asked.kind.is_window(),
            Trouble::Content(_) | Trouble::Wrapped | Trouble::Shuffle => asked.window.is_some(),
            Trouble::Unlisted => asked.kind == Kind::List,
            Trouble::NoCount => matches!(asked.kind, Kind::List | Kind::Count),
            _ => true,
        };
        let named = self.trouble == Trouble::Unlisted
            || self.department.as_deref().is_none_or(|d| asked.department == Some(d));
        let there =
            self.element.is_none_or(|e| asked.window.is_some_and(|(start, end)| (start..end).contains(&e)));
        if !fits || !named || !there || self.kind.is_some_and(|kind| kind != asked.kind) || self.left == 0 {
            return false;
        }
        if self.spared > 0 {
            self.spared -= 1;
            return false;
        }
        self.left -= 1;
        true
    }
}

/// Up to four orders that depend on the seed alone, for tests of whatever may happen. None of them lasts for ever but
/// those that lose nothing by themselves.
pub fn mischief(seed: u64, shop: &Shop) -> Vec<Order> {
    let dice = |n: u64| mix(seed ^ n << 32);
    (0..dice(0) % 5)
        .map(|n| {
            let roll = |salt: u64, below: u64| dice(1 + n * 16 + salt) % below;
            let department = &shop.departments[roll(1, shop.departments.len() as u64) as usize];
            let (id, place) = (department.id.as_str(), roll(2, department.size.max(1)));
            let few = |trouble: Trouble| Order::once(trouble).of(id).after(roll(3, 3)).times(1 + roll(4, 2));
            match roll(5, 17) {
                0 => Order::always(Trouble::Clamp(1 + roll(6, department.size.max(2)))).of(id),
                1 => few(Trouble::EmptyWindow),
                2 => few(Trouble::RepeatWindow),
                3 => few(Trouble::Shuffle),
                4 => Order::always(Trouble::Content(2 + roll(6, 30))).of(id),
                5 => few(Trouble::Status([429, 500, 502, 503, 504][roll(6, 5) as usize])),
                6 => few(Trouble::Html),
                7 => few(Trouble::CutOff),
                8 => few(Trouble::NoAnswer),
                9 => few(Trouble::Slow(Duration::from_millis(roll(6, 5_000)))),
                10 => few(Trouble::NoCount),
                11 => Order::once(Trouble::Unlisted).of(id),
                12 => few(Trouble::Shrink(roll(6, department.size.max(1)))).times(1),
                13 => few(Trouble::Delist(place)).times(1),
                14 => Order::always(Trouble::Gzip { twice: roll(6, 2) == 0 }),
                15 => Order::once(Trouble::EmptyWindow).of(id).at(place),
                _ => few(Trouble::Clamp(1 + roll(6, 20))),
            }
        })
        .collect()
}
