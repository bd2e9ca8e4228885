//! The options of a call, from its query and its body.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::problem::{quoted, shown};
use crate::{export::asked_ids, publish::Republish, report::BuildId, run::Options, step::Step};

/// The longest `reason`, in characters.
const MOST_REASON: usize = 200;

/// What a call asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// Of the run.
    pub options: Options,
    /// A look at every service in place of a run.
    pub doctor: Option<DoctorOptions>,
}

/// What is asked of the doctor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DoctorOptions {
    /// Post a message, too, and remove it again.
    pub post: bool,
}

/// Every option of a step, for error texts.
fn known(step: Step) -> &'static str {
    match step {
        Step::VerifyEp => "dry_run (true or false)",
        Step::CreateThread => {
            "dry_run (true or false), doctor (true or false: look at every service instead), post (true or false)"
        }
        Step::ExportProducts => {
            "dry_run (true or false), explain (ids of products), build (the id of a stored build), force (true or \
             false), reason (a few words)"
        }
    }
}

/// Reads the options of a call of a step, or tells in one sentence what is wrong with them. The body is JSON whatever
/// its content type says; an empty one is what Cloud Scheduler sends.
pub(super) fn read(step: Step, query: &str, body: &[u8]) -> Result<Asked, String> {
    let mut found = Map::new();
    let known = known(step);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        put(&mut found, &name, Value::String(value.into_owned()))?;
    }
    if !body.trim_ascii().is_empty() {
        let wrong = |e: serde_json::Error| {
            let wrong = if e.is_data() { "is JSON but no object" } else { "is no JSON" };
            format!("the body {wrong} ({e}); leave it empty or send an object with {known}")
        };
        for (name, text) in serde_json::from_slice::<Members<'_>>(body).map_err(wrong)?.0 {
            put(&mut found, &name, flat(text).map_err(wrong)?)?;
        }
    }
    let (mut dry_run, mut force, mut build, mut reason, mut explain) = (false, false, None, None, Vec::new());
    let (mut doctor, mut post) = (false, false);
    let (exports, opens) = (step == Step::ExportProducts, step == Step::CreateThread);
    for (name, value) in &found {
        match name.as_str() {
            "dry_run" => dry_run = truth(name, value)?,
            "force" if exports => force = truth(name, value)?,
            "build" if exports => build = Some(build_id(value)?),
            "reason" if exports => reason = Some(words(value)?),
            "explain" if exports => explain = product_ids(value)?,
            "doctor" if opens => doctor = truth(name, value)?,
            "post" if opens => post = truth(name, value)?,
            "force" | "build" | "reason" | "explain" => {
                return Err(format!("option {name:?} is for export-products alone; {step} knows {known}"));
            }
            "doctor" | "post" => {
                return Err(format!("option {name:?} is for create-thread alone; {step} knows {known}"));
            }
            _ => return Err(format!("unknown option {}; known are {known}", quoted(name))),
        }
    }
    if !explain.is_empty() && (!dry_run || build.is_some()) {
        return Err("option \"explain\" needs \"dry_run\" and goes without \"build\": it tells what a build of now would \
                    do with these products, and publishes nothing"
            .to_owned());
    }
    let doctor = examination(doctor, post, dry_run)?;
    Ok(Asked { options: Options { dry_run, republish: republish(build, force, reason)?, explain }, doctor })
}

/// A look is no run: nothing of it counts, so there is nothing that could be tried dry.
fn examination(doctor: bool, post: bool, dry_run: bool) -> Result<Option<DoctorOptions>, String> {
    match (doctor, post, dry_run) {
        (true, _, true) => {
            Err("option \"doctor\" goes without \"dry_run\": it runs nothing, and posts nothing but with \
                                \"post\""
                .to_owned())
        }
        (false, true, _) => {
            Err("option \"post\" needs \"doctor\": it is the doctor that posts a message, and removes it \
                                 again"
                .to_owned())
        }
        (true, post, false) => Ok(Some(DoctorOptions { post })),
        (false, false, _) => Ok(None),
    }
}

/// The members of an object as they stand in the text: one that comes twice is there twice, however it is spelt.
struct Members<'b>(Vec<(String, &'b RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A value, but of a list or an object only that it is one: no option is, and what is in them would take many times their
/// text.
fn flat(text: &RawValue) -> serde_json::Result<Value> {
    match text.get().as_bytes().first() {
        Some(b'[') => Ok(Value::Array(Vec::new())),
        Some(b'{') => Ok(Value::Object(Map::new())),
        _ => serde_json::from_str(text.get()),
    }
}

/// What is forced is a build that somebody has seen, and why stands in the thread.
fn republish(
    build: Option<BuildId>,
    force: bool,
    reason: Option<String>,
) -> Result<Option<Republish>, String> {
    match (build, force, reason) {
        (None, true, _) => Err(
            "option \"force\" needs \"build\": what is forced is one build that was made and held; the message that \
             says so names its id"
                .to_owned(),
        ),
        (_, false, Some(_)) => {
            Err("option \"reason\" needs \"force\": it tells why a held build is published".to_owned())
        }
        (Some(_), true, None) => Err(format!(
            "option \"force\" needs \"reason\": say in at most {MOST_REASON} characters why the held build is \
             published all the same"
        )),
        (Some(build), _, reason) => Ok(Some(Republish { build, force: reason })),
        (None, false, None) => Ok(None),
    }
}

/// A number is the id that its digits are.
fn product_ids(value: &Value) -> Result<Vec<String>, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => {
            let found = shown(other);
            return Err(format!("option \"explain\" is a text of ids parted by commas, found {found}"));
        }
    };
    asked_ids(&text).map_err(|wrong| format!("option \"explain\": {wrong}"))
}

fn build_id(value: &Value) -> Result<BuildId, String> {
    let like = "such as 20261006-000503-k3x9, as the message of an export shows it";
    let Value::String(text) = value else {
        return Err(format!("option \"build\" is a build's id {like}, found {}", shown(value)));
    };
    let text = text.trim();
    BuildId::parse(text)
        .map_err(|e| format!("option \"build\": {e}, found {}; an id is {like}", quoted(text)))
}

/// A reason that says something: the `…` of a command that was pasted as it is does not.
fn words(value: &Value) -> Result<String, String> {
    let Value::String(text) = value else {
        return Err(format!("option \"reason\" is a text, found {}", shown(value)));
    };
    let text = text.trim();
    if !text.chars().any(char::is_alphanumeric) {
        return Err(format!("option \"reason\" says in a few words why, found {}", quoted(text)));
    }
    match text.chars().count() {
        n if n > MOST_REASON => {
            Err(format!("option \"reason\" holds at most {MOST_REASON} characters, found {n}"))
        }
        _ => Ok(text.to_owned()),
    }
}

fn put(found: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), String> {
    match found.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(format!("option {} comes twice; say it once", quoted(name))),
    }
}

fn truth(name: &str, value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        other => Err(format!("option {name:?} is true or false, found {}", shown(other))),
    }
}

#[cfg(test)]
mod tests;
