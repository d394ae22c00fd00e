//! Story lines about regions, clusters and what people do to them.

use std::time::Duration;

use crate::script::{Sent, duration};

/// Something between two regions that is not of our doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrChange {
    Outage(Outage),
    Database(Database),
    Alarm {
        name: String,
        state: String,
        region: String,
    },
    /// What is tried against the primary region each minute.
    Canary(Canary),
    /// Somebody clicks it in the console.
    Console(Click),
    /// An event reaches the bus of the DR region.
    Event(Sent),
    /// The last event of an alarm arrives so many more times.
    Repeat(u32),
    /// Whether anybody uses the application.
    Clients(Presence),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outage {
    /// A region, or one service of it.
    Dark(String, Option<String>),
    Light(String, Option<String>),
    Part(String, String),
    Join(String, String),
    Slow(String, Duration),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// How far secondaries and replicas are behind.
    Lag(Duration),
    RemoveInstances(Which),
    AddInstance(Which),
    Version(Which, String),
    Fencing(Fence),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Primary,
    Dr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canary {
    Failing,
    Well,
    /// It fails while the primary region is dark or cut off from it.
    AsItIs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    TimesOut,
    Succeeds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Click {
    Failover,
    Switchover,
    SwitchBack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Away,
    Back,
}

/// Reads a line whose first word is `word`; `None` if it is none of these.
pub(crate) fn change(word: &str, rest: &str) -> Option<Result<DrChange, String>> {
    Some(match word {
        "dark" => Ok(region_or_service(rest, Outage::Dark)),
        "light" => Ok(region_or_service(rest, Outage::Light)),
        "part" => two(rest, "part REGION REGION", Outage::Part),
        "join" => two(rest, "join REGION REGION", Outage::Join),
        "slow" => slow(rest),
        "lag" => lag(rest.strip_prefix("global ")?),
        "alarm" => alarm(rest.rsplit_once(" in ")?),
        "canary" => canary(rest),
        "remove" => which(rest, "instances", Database::RemoveInstances),
        "add" => which(rest, "instance", Database::AddInstance),
        "version" => version(rest),
        "fencing" => fencing(rest),
        "console" => console(rest),
        "event" => event(rest.rsplit_once(" in ")?),
        "repeat" => repeat(rest),
        "clients" => clients(rest),
        _ => return None,
    })
}

fn region_or_service(rest: &str, outage: fn(String, Option<String>) -> Outage) -> DrChange {
    DrChange::Outage(match rest.split_once(' ') {
        Some((region, service)) => outage(region.to_owned(), Some(service.to_owned())),
        None => outage(rest.to_owned(), None),
    })
}

fn two(rest: &str, form: &str, outage: fn(String, String) -> Outage) -> Result<DrChange, String> {
    let (one, other) = rest.split_once(' ').ok_or(form)?;
    Ok(DrChange::Outage(outage(one.to_owned(), other.to_owned())))
}

fn slow(rest: &str) -> Result<DrChange, String> {
    let (region, by) = rest.split_once(' ').ok_or("slow REGION DURATION")?;
    Ok(DrChange::Outage(Outage::Slow(region.to_owned(), duration(by)?)))
}

/// In seconds, or in milliseconds, because a level secondary is less than one behind.
fn lag(text: &str) -> Result<DrChange, String> {
    let lag = match text.strip_suffix("ms") {
        Some(milliseconds) => Duration::from_millis(crate::script::number(milliseconds)?),
        None => duration(text)?,
    };
    Ok(DrChange::Database(Database::Lag(lag)))
}

fn alarm((rest, region): (&str, &str)) -> Result<DrChange, String> {
    let (name, state) = rest.rsplit_once(' ').ok_or("alarm NAME STATE in REGION")?;
    Ok(DrChange::Alarm {
        name: name.to_owned(),
        state: state.to_owned(),
        region: region.to_owned(),
    })
}

fn canary(rest: &str) -> Result<DrChange, String> {
    match rest {
        "failing" => Ok(DrChange::Canary(Canary::Failing)),
        "well" => Ok(DrChange::Canary(Canary::Well)),
        "as it is" => Ok(DrChange::Canary(Canary::AsItIs)),
        other => Err(format!("canary failing, well or as it is, not {other:?}")),
    }
}

fn side(text: &str) -> Result<Which, String> {
    match text {
        "primary" => Ok(Which::Primary),
        "dr" => Ok(Which::Dr),
        other => Err(format!("{other:?} is neither primary nor dr")),
    }
}

fn which(rest: &str, what: &str, change: fn(Which) -> Database) -> Result<DrChange, String> {
    match rest.split_once(' ') {
        Some((found, name)) if found == what => side(name).map(change).map(DrChange::Database),
        Some(_) | None => Err(format!("{what} of primary or dr: {what} dr")),
    }
}

fn version(rest: &str) -> Result<DrChange, String> {
    let (name, version) = rest.split_once(' ').ok_or("version primary|dr VERSION")?;
    Ok(DrChange::Database(Database::Version(
        side(name)?,
        version.to_owned(),
    )))
}

fn fencing(rest: &str) -> Result<DrChange, String> {
    match rest {
        "times out" => Ok(DrChange::Database(Database::Fencing(Fence::TimesOut))),
        "succeeds" => Ok(DrChange::Database(Database::Fencing(Fence::Succeeds))),
        other => Err(format!("fencing times out or succeeds, not {other:?}")),
    }
}

fn console(rest: &str) -> Result<DrChange, String> {
    match rest {
        "failover" => Ok(DrChange::Console(Click::Failover)),
        "switchover" => Ok(DrChange::Console(Click::Switchover)),
        "switch back" => Ok(DrChange::Console(Click::SwitchBack)),
        other => Err(format!(
            "console failover, switchover or switch back, not {other:?}"
        )),
    }
}

/// `SAMPLE in dr`: it is sent by whoever may put events on that bus.
fn event((rest, place): (&str, &str)) -> Result<DrChange, String> {
    if place != "dr" {
        return Err("event SAMPLE [to FUNCTION] in dr".to_owned());
    }
    Ok(DrChange::Event(crate::script::event(rest)))
}

fn repeat(rest: &str) -> Result<DrChange, String> {
    let times = rest.strip_prefix("alarm ").ok_or("repeat alarm TIMES")?;
    crate::script::number(times).map(DrChange::Repeat)
}

fn clients(rest: &str) -> Result<DrChange, String> {
    match rest {
        "away" => Ok(DrChange::Clients(Presence::Away)),
        "back" => Ok(DrChange::Clients(Presence::Back)),
        other => Err(format!("clients away or back, not {other:?}")),
    }
}
