//! `check-config --try`: what would become of the first page of each department, for a person at a terminal.
//!
//! It asks the catalogue alone, publishes nothing and needs no secret.

use std::fmt::Write as _;

use crate::{
    chat::escape::visible,
    config::Config,
    export::{Trial, Unmet},
    fetch::LookedAt,
    report::{DepartmentsBy, number},
    transform::Explained,
};

/// Columns of a terminal that a department's id takes, and the two together with its name.
const ID: usize = 8;
const NAME: usize = 36;
/// What the trial's examples are of.
const EXAMPLES: [&str; 3] = [
    "A product, field by field, and where each value came from:",
    "One whose price is not everybody's:",
    "A variant:",
];

/// What a trial found, as lines.
pub fn lines(config: &Config, trial: &Trial) -> String {
    let mut text = format!("The catalogue: {}\n", config.catalogue.location());
    list(&mut text, trial);
    departments(&mut text, trial);
    totals(&mut text, trial);
    unmet(&mut text, trial);
    for (kind, explained) in EXAMPLES.into_iter().zip(&trial.examples) {
        if let Some(explained) = explained {
            line(&mut text, format_args!("\n{kind}"));
            example(&mut text, explained);
        }
    }
    text
}

/// How the departments were had.
fn list(text: &mut String, trial: &Trial) {
    let look = &trial.look;
    let (Some(by), known) = (look.list, look.departments.len() as u64 + look.more) else { return };
    let by = match by {
        DepartmentsBy::Shop => "by the shop's own list",
        DepartmentsBy::Settings => "by CATALOG_CATEGORIES",
        DepartmentsBy::Last => "by the last list that was read",
        DepartmentsBy::Preset => "by the preset, because the shop's own list could not be read",
        DepartmentsBy::Later(_) => "by what a later version knows",
    };
    line(text, format_args!("Departments: {} {by}", number(known)));
    if let Some(error) = &look.list_error {
        line(text, format_args!("  {}", shown(error)));
    }
    if look.more > 0 {
        line(text, format_args!("Of these the first {} are looked at.", look.departments.len()));
    }
}

/// A line for each department.
fn departments(text: &mut String, trial: &Trial) {
    let row = |text: &mut String, name: &str, [says, received, kept]: [&str; 3], note: &str| {
        let line = format!("  {} {says:>9} {received:>10} {kept:>9}  {note}", padded(name, NAME));
        text.push_str(line.trim_end());
        text.push('\n');
    };
    text.push('\n');
    row(text, "department", ["it says", "first page", "kept"], "");
    for (department, kept) in trial.look.departments.iter().zip(&trial.kept) {
        let says = department.says.map_or_else(|| "?".to_owned(), number);
        let (received, kept) = (number(department.items), number(*kept));
        row(text, &name(department), [&says, &received, &kept], &note(department));
    }
    let all = || trial.look.departments.iter();
    let says = all().try_fold(0_u64, |sum, department| Some(sum.saturating_add(department.says?)));
    let says = says.map_or_else(|| "?".to_owned(), number);
    let received = number(all().map(|department| department.items).sum());
    row(text, "together", [&says, &received, &number(trial.funnel.kept)], "");
}

fn name(department: &LookedAt) -> String {
    let Some(id) = &department.id else { return "the whole catalogue".to_owned() };
    let name = department.name.as_deref().unwrap_or_default();
    format!("{} {}", padded(&shown(id), ID), shown(name))
}

fn note(department: &LookedAt) -> String {
    if department.is_gone {
        return "not there".to_owned();
    }
    if let Some(error) = &department.error {
        let arrays: Vec<_> = department.arrays.iter().map(|array| format!("{array:?}")).collect();
        let arrays = if arrays.is_empty() {
            String::new()
        } else {
            format!("; arrays of objects stand at {}", shown(&arrays.join(", ")))
        };
        return format!("cannot be read: {}{arrays}", shown(&error.to_string()));
    }
    if let Some(encoding) = department.encoding {
        return format!("read from {encoding}");
    }
    match department.others.elements {
        0 => String::new(),
        n => {
            format!("and {} that are no products ({})", number(n), shown(&department.others.kinds.join(", ")))
        }
    }
}

/// Where everything would go.
fn totals(text: &mut String, trial: &Trial) {
    let funnel = &trial.funnel;
    line(text, format_args!("\nOf {} products, variants included:", number(funnel.fetched)));
    line(text, format_args!("  {:>9}  would be kept", number(funnel.kept)));
    let mut count = |n: u64, what: &str| {
        if n > 0 {
            line(text, format_args!("  {:>9}  {}", number(n), shown(what)));
        }
    };
    for (reason, n) in &funnel.skipped {
        count(*n, &format!("skipped: {}", reason.name()));
    }
    for (rule, n) in &funnel.broken {
        count(*n, &format!("broken: {rule}"));
    }
    count(funnel.duplicates, "the same id once more");
    let others = trial.look.departments.iter().map(|department| department.others.elements).sum();
    count(others, "elements that are no products");
    count(trial.regular_instead, "prices that are not everybody's, with the regular one in their place");
    if let Some(missing) = &trial.missing {
        let keys: Vec<_> = missing.keys.iter().map(|key| shown(key)).collect();
        let (field, keys) = (shown(&missing.field), keys.join(", "));
        line(text, format_args!("Not one has {field}; a product has: {keys}"));
    }
}

/// What the map looks for and no product has, with the places that come nearest.
fn unmet(text: &mut String, trial: &Trial) {
    if !trial.unmet.is_empty() {
        line(text, format_args!("\nLooked for and found in no product, and what comes nearest:"));
    }
    for Unmet { field, place, written_at, nearest } in &trial.unmet {
        let nearest = nearest.iter().map(|(place, value)| format!("{} = {}", shown(place), shown(value)));
        let at =
            written_at.map(|(line, column)| format!(" (line {line} column {column})")).unwrap_or_default();
        let nearest = nearest.collect::<Vec<_>>().join(", ");
        line(text, format_args!("  {field}{at}  {}  ~ {nearest}", shown(place)));
    }
}

/// One product, column by column, with where each value came from.
fn example(text: &mut String, explained: &[Explained]) {
    for Explained { column, value, from } in explained {
        line(text, format_args!("  {column} = {}  <- {}", shown(value), shown(from)));
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("writing into memory does not fail");
}

/// Foreign text for a terminal.
fn shown(foreign: &str) -> String {
    visible(foreign, usize::MAX)
}

/// Padded to a width in columns of a terminal, in which Hangul takes two; what is longer is cut.
fn padded(text: &str, width: usize) -> String {
    let columns = |c: char| if c.is_ascii() { 1 } else { 2 };
    let mut taken = 0;
    let mut padded: String = text
        .chars()
        .take_while(|c| {
            taken += columns(*c);
            taken <= width
        })
        .collect();
    let used: usize = padded.chars().map(columns).sum();
    padded.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    padded
}
