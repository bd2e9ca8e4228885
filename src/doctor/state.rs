//! The state store: whether its promises hold, on a record of the doctor's own.

pub(super) mod kept;

use self::kept::Kept;
use super::{Check, Finding, wording};
use crate::state::{Precondition, StateError, StateStore};

/// What is looked at.
pub(super) const CHECKS: &[Check] = &[Check::StateCreate, Check::StateReplace];

pub(super) async fn look(store: &dyn StateStore, name: &str) -> Vec<Finding> {
    let name = format!("runs/doctor/{name}.json");
    let (created, replaced) = tried(store, &name).await;
    let place = store.location();
    let create = wording::state(Check::StateCreate, &created, &place);
    let replace = match &replaced {
        Some(replaced) => wording::state(Check::StateReplace, replaced, &place),
        None => wording::not_tried(Check::StateReplace, Check::StateCreate),
    };
    vec![create, replace]
}

/// What became of creating, and of replacing where there was something to replace.
async fn tried(store: &dyn StateStore, name: &str) -> (Kept, Option<Kept>) {
    let bytes = |what: &str| format!("{{\"doctor\":\"{what}\"}}\n").into_bytes();
    let first = match store.write(name, bytes("created"), Precondition::Absent).await {
        Ok(first) => first,
        Err(error) => return (Kept::Failed(error), None),
    };
    let created = refused(store.write(name, bytes("created twice"), Precondition::Absent).await);
    if !matches!(created, Kept::Promise) {
        return (created, None);
    }
    let as_read = Precondition::Unchanged(first);
    if let Err(error) = store.write(name, bytes("replaced"), as_read).await {
        return (created, Some(Kept::Failed(error)));
    }
    let replaced = match refused(store.write(name, bytes("replaced twice"), as_read).await) {
        Kept::Promise => match store.read(name).await {
            Ok(Some(stored)) if stored.bytes == bytes("replaced") => Kept::Promise,
            Ok(_) => Kept::OtherBytes,
            Err(error) => Kept::Failed(error),
        },
        broken => broken,
    };
    (created, Some(replaced))
}

/// Of a write that somebody else was faster with.
fn refused<T>(written: Result<T, StateError>) -> Kept {
    match written {
        Ok(_) => Kept::NoPromise,
        Err(StateError::Conflict { .. }) => Kept::Promise,
        Err(error) => Kept::Failed(error),
    }
}
