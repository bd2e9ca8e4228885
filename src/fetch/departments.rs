//! What there is to walk through: the shop's own list of departments, or what stands in for it, and how much each says
//! that it has.
//!
//! It never fails: without the list there is the last one that was read, and without a count a department is read to its
//! end all the same.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU32, Ordering},
};

use futures_util::{StreamExt, stream};

use super::{
    CatalogueConfig, Departments, FetchError, Fetcher, Paged,
    whole::{MOST_COUNT, MOST_LIST, Whole},
};
use crate::{
    json::{Path, Scalar},
    preset::{Count, DepartmentList, Window},
    report::{Department, DepartmentsBy},
};

/// A list of more departments than this is none. They are kept in memory, and in the record of what is published.
const MOST: usize = 2_000;
/// Characters of an id, and of a name.
const ID_CHARS: usize = 100;
const NAME_CHARS: usize = 60;
/// Calls for counts on their way at once at most: each may bring a long answer.
const COUNTS_AT_ONCE: usize = 8;
/// So many counts in a row that cannot be had are enough to ask for no more of them.
const COUNTS_FAILED: u32 = 3;

/// What earlier exports found, for one that reads the same source again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The departments of the build that is public.
    pub published: Vec<Department>,
    /// Those of the last export that read any.
    pub last: Vec<Department>,
}

/// A department that is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Planned {
    /// Its id; none where the windows are of the whole catalogue.
    pub id: Option<String>,
    pub name: Option<String>,
    /// How many elements it says it has.
    pub says: Option<u64>,
    /// How many the published build took from it.
    pub had: u64,
    /// Whether the shop's list, or the settings, name it.
    pub listed: bool,
    /// Whether it may be gone: then nobody wonders when it is not found.
    pub may_be_gone: bool,
}

/// All that is to be read, in this order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub departments: Vec<Planned>,
    pub by: Option<DepartmentsBy>,
    /// Why the shop's own list could not be read.
    pub why: Option<String>,
}

/// Reads the list and the counts.
pub(super) async fn plan(fetcher: &Fetcher, config: &CatalogueConfig, paged: &Paged, known: &Known) -> Plan {
    let mut plan = listed(fetcher, paged, known).await;
    if plan.by == Some(DepartmentsBy::Shop) || plan.by == Some(DepartmentsBy::Last) {
        remember(&mut plan.departments, &known.published);
        // By id and not by count: counts move from day to day, and with them the order in the feed would.
        plan.departments.sort_by(|a, b| a.id.cmp(&b.id));
    }
    let had: HashMap<&str, u64> = known.published.iter().map(|d| (d.id.as_str(), d.gave)).collect();
    for planned in &mut plan.departments {
        planned.had = planned.id.as_deref().and_then(|id| had.get(id)).copied().unwrap_or_default();
    }
    if let Some(count) = &paged.count {
        let (failed, at_once) = (&AtomicU32::new(0), config.concurrency.get().min(COUNTS_AT_ONCE));
        let departments = stream::iter(&mut plan.departments);
        departments.for_each_concurrent(at_once, |planned| planned.ask(fetcher, count, failed)).await;
    }
    plan
}

async fn listed(fetcher: &Fetcher, paged: &Paged, known: &Known) -> Plan {
    let planned = |id: &String| Planned { id: Some(id.clone()), listed: true, ..Planned::default() };
    let list = match &paged.departments {
        Departments::One => return Plan { departments: vec![Planned::default()], ..Plan::default() },
        Departments::Given(given) => {
            let departments = given.iter().map(planned).collect();
            return Plan { departments, by: Some(DepartmentsBy::Settings), why: None };
        }
        Departments::Listed(list) => list,
    };
    let error = match read_list(fetcher, list).await {
        Ok(departments) => return Plan { departments, by: Some(DepartmentsBy::Shop), why: None },
        Err(error) => error,
    };
    tracing::warn!(%error, "the list of departments cannot be read");
    let why = Some(error.to_string());
    let last: Vec<_> = known.last.iter().filter(|department| department.listed).collect();
    if last.is_empty() {
        let departments = list.known.iter().map(|id| Planned { may_be_gone: true, ..planned(id) }).collect();
        return Plan { departments, by: Some(DepartmentsBy::Preset), why };
    }
    let last = last.into_iter().map(|department| Planned {
        name: department.name.clone(),
        may_be_gone: true,
        ..planned(&department.id)
    });
    Plan { departments: last.collect(), by: Some(DepartmentsBy::Last), why }
}

/// Adds what the published build took something from and the list no longer names: perhaps it only lost it.
fn remember(departments: &mut Vec<Planned>, published: &[Department]) {
    let listed: HashSet<_> = departments.iter().filter_map(|d| d.id.clone()).collect();
    let gone = published.iter().filter(|department| department.gave > 0 && !listed.contains(&department.id));
    departments.extend(gone.map(|department| Planned {
        id: Some(department.id.clone()),
        name: department.name.clone(),
        may_be_gone: true,
        ..Planned::default()
    }));
}

/// The shop's own list. One without any department is no list.
pub(super) async fn read_list(fetcher: &Fetcher, list: &DepartmentList) -> Result<Vec<Planned>, FetchError> {
    let whole = Whole::read(fetcher, list.call.fill(Window::default()), MOST_LIST).await?;
    let elements = whole.values(&list.each, MOST + 1)?;
    if elements.len() > MOST {
        return Err(whole.wrong(format!("there are more than {MOST} departments at {}", list.each)));
    }
    let (mut found, mut ids) = (Vec::new(), HashSet::new());
    for mut department in elements.iter().filter_map(|element| department(list, element)) {
        if ids.insert(department.id.clone()) {
            department.name = department.name.map(|name| whole.struck(name));
            found.push(department);
        }
    }
    if found.is_empty() {
        let id = &list.id;
        return Err(whole.wrong(match elements.len() {
            0 => format!("expected departments at {}, found none", list.each),
            _ => format!("expected the departments' ids at {}{id}, found none there", list.each),
        }));
    }
    Ok(found)
}

fn department(list: &DepartmentList, element: &[u8]) -> Option<Planned> {
    let scalar = |path: &Path| Scalar::of(path.up_to(1, element).ok()?.pop()?);
    let id = scalar(&list.id)?.as_str().trim().to_owned();
    if id.is_empty() || id.chars().count() > ID_CHARS {
        return None;
    }
    let name = list.name.as_ref().and_then(scalar);
    let name = name.map(|name| name.as_str().trim().chars().take(NAME_CHARS).collect::<String>());
    Some(Planned {
        id: Some(id),
        name: name.filter(|name| !name.is_empty()),
        says: list.count.as_ref().and_then(scalar).and_then(|count| count.count()),
        listed: true,
        ..Planned::default()
    })
}

impl Planned {
    /// Asks what it says it has, as far as that can be had. `failed` is how many in a row could not be.
    async fn ask(&mut self, fetcher: &Fetcher, count: &Count, failed: &AtomicU32) {
        if failed.load(Ordering::Relaxed) >= COUNTS_FAILED {
            return;
        }
        let department = self.id.as_deref().unwrap_or_default();
        match read_count(fetcher, count, department).await {
            Ok(count) => {
                failed.store(0, Ordering::Relaxed);
                self.says = self.counted(count);
            }
            Err(error) => {
                // One that may be gone says nothing of the others.
                failed.fetch_add(u32::from(!self.may_be_gone), Ordering::Relaxed);
                tracing::info!(department, %error, "the count of a department cannot be had");
            }
        }
    }

    /// What it says it has by a count of its own: of nothing, that is no news where something else is known.
    pub fn counted(&self, count: u64) -> Option<u64> {
        if count > 0 { Some(count) } else { self.says.or(Some(0)) }
    }
}

/// What one department says it has.
pub(super) async fn read_count(fetcher: &Fetcher, count: &Count, category: &str) -> Result<u64, FetchError> {
    let whole = Whole::read(
        fetcher,
        count.call.fill(Window { category, start: 0, end: 0, ..Window::default() }),
        MOST_COUNT,
    )
    .await?;
    let found = whole.values(&count.at, 1)?.pop().and_then(Scalar::of).and_then(|value| value.count());
    found.ok_or_else(|| whole.wrong(format!("expected a whole number at {}, found none", count.at)))
}
