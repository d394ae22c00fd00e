//! The samples of `events/`, and the identity that they are written for.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise, and not every test uses all of it"
)]

pub mod broken;
pub mod dr;
pub mod ours;

use std::fs;
use std::path::{Path, PathBuf};

use cutover_core::trigger::{AlarmEvent, Identity, ReplicationEvent, Trigger, Why, parse};
use jiff::Timestamp;
use serde_json::Value;

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-central-1";

pub struct Sample {
    /// `<source>.<subject>.<case>`
    pub name: String,
    pub payload: Vec<u8>,
}

pub fn identity() -> Identity {
    let dms = |resource: &str| format!("arn:aws:dms:{REGION}:{ACCOUNT}:{resource}");
    Identity {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        tasks: vec![
            dms("task:ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            dms("task:ZYXWVUTSRQPONMLKJIHGFEDCBA"),
        ],
        task_names: vec![(
            "onprem-to-aurora".to_owned(),
            dms("task:ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        )],
        related: vec![
            dms("rep:INSTANCEABCDEFGHIJKLMNOPQR"),
            dms("replication-config:CONFIGABCDEFGHIJKLMNOPQRST"),
            dms("endpoint:SOURCEABCDEFGHIJKLMNOPQRST"),
            dms("data-migration:MIGRATIONABCDEFGHIJKLMNOPQ"),
        ],
        alarms: ["target-errors", "error-rate", "health"]
            .map(|name| format!("migration-dev-{name}"))
            .into(),
    }
}

/// Half a minute after what the samples tell.
pub fn now() -> Timestamp {
    "2026-03-02T09:00:30Z".parse().unwrap()
}

pub fn read(payload: &[u8]) -> Trigger {
    parse(payload, &identity(), now())
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// All samples, by name.
pub fn samples() -> Vec<Sample> {
    files(&folder(), "json")
}

pub fn sample(name: &str) -> Vec<u8> {
    fs::read(folder().join(format!("{name}.json"))).unwrap()
}

/// Payloads that are wrong in ways that were thought of once. A payload that breaks a property is kept here.
pub fn corpus() -> Vec<Sample> {
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/triggers"),
        "bin",
    )
}

fn files(folder: &Path, extension: &str) -> Vec<Sample> {
    let mut samples: Vec<Sample> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| Sample {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            payload: fs::read(&path).unwrap(),
        })
        .collect();
    samples.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(!samples.is_empty(), "nothing in {}", folder.display());
    samples
}

/// A sample with one field set, or left out by `None`. The pointer of a field inside an SNS message goes on after
/// the `Message` that holds it.
pub fn edited(payload: &[u8], pointer: &str, value: Option<&Value>) -> Vec<u8> {
    let mut event: Value = serde_json::from_slice(payload).unwrap();
    let message = pointer.split_once("/Message/").and_then(|(message, inside)| {
        let message = format!("{message}/Message");
        // An edit before this one may have made it something else than text.
        let text = event.pointer(&message)?.as_str()?.to_owned();
        Some((message, text, format!("/{inside}")))
    });
    if let Some((message, text, inside)) = message {
        let edited = edited(text.as_bytes(), &inside, value);
        *event.pointer_mut(&message).unwrap() = Value::String(String::from_utf8(edited).unwrap());
    } else {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        match (event.pointer_mut(parent).unwrap(), value) {
            (Value::Object(fields), Some(value)) => drop(fields.insert(field.to_owned(), value.clone())),
            (Value::Object(fields), None) => drop(fields.remove(field)),
            (Value::Array(items), Some(value)) => items[field.parse::<usize>().unwrap()] = value.clone(),
            (Value::Array(items), None) => drop(items.remove(field.parse().unwrap())),
            (other, _) => panic!("{pointer}: {other} has no fields"),
        }
    }
    serde_json::to_vec(&event).unwrap()
}

/// An alarm in one line, as the README has it.
pub fn alarm_line(event: &AlarmEvent) -> String {
    let suppressed = if event.suppressed { ", suppressed" } else { "" };
    format!("alarm: {} → {}{suppressed}", event.from.name(), event.to.name())
}

pub fn why(trigger: &Trigger) -> Option<Why> {
    match trigger {
        Trigger::Unrecognised(unrecognised) => Some(unrecognised.why),
        Trigger::Replication(_) | Trigger::Alarm(_) | Trigger::Tick { .. } | Trigger::Manual => None,
    }
}

pub fn with(name: &str, pointer: &str, value: &Value) -> Trigger {
    read(&edited(&sample(name), pointer, Some(value)))
}

pub fn without(name: &str, pointer: &str) -> Trigger {
    read(&edited(&sample(name), pointer, None))
}

pub fn replication(trigger: Trigger) -> ReplicationEvent {
    let Trigger::Replication(event) = trigger else {
        panic!("{trigger:?}");
    };
    event
}

pub fn alarm(trigger: Trigger) -> AlarmEvent {
    let Trigger::Alarm(event) = trigger else {
        panic!("{trigger:?}");
    };
    event
}
