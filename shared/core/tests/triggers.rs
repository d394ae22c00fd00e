//! Every sample in `events/` is read as its README and the snapshot beside this file say. `UPDATE_SNAPSHOTS=1`
//! writes both anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test support may stop at the first surprise"
)]

mod samples;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cutover_core::trigger::{AlarmEvent, ReplicationEvent, Trigger, Why};

const TABLE: &str = "| file | to the migration's functions | to `dr-failover` |\n|---|---|---|\n";

/// In one line, as the README has it.
fn line(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Replication(event) => {
            format!("replication: {} {}", event.subject.name(), event.happening.name())
        }
        Trigger::Alarm(event) => samples::alarm_line(event),
        Trigger::Tick { .. } => "tick".to_owned(),
        Trigger::Manual => "manual".to_owned(),
        Trigger::Unrecognised(unrecognised) => format!("not acted on: {}", unrecognised.key()),
    }
}

/// With everything that is kept of it.
fn described(name: &str, trigger: &Trigger) -> String {
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "none".to_owned());
    let mut text = format!("{name}\n  {}\n", line(trigger));
    match trigger {
        Trigger::Replication(ReplicationEvent {
            id: event,
            at,
            resource,
            message,
            ..
        }) => writeln!(text, "  {at}, id {}\n  {resource}\n  {message:?}", id(event)),
        Trigger::Alarm(AlarmEvent {
            id: event,
            at,
            name,
            arn,
            reason,
            ..
        }) => writeln!(text, "  {at}, id {}\n  {name}, {arn}\n  {reason:?}", id(event)),
        Trigger::Tick { id: event } => writeln!(text, "  id {}", id(event)),
        Trigger::Manual => Ok(()),
        Trigger::Unrecognised(unrecognised) => writeln!(text, "  {:?}", unrecognised.detail),
    }
    .unwrap();
    text
}

fn agrees(path: &Path, found: &str, told: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(path, found).unwrap();
    } else {
        assert_eq!(
            told,
            found,
            "{}: UPDATE_SNAPSHOTS=1 writes it anew",
            path.display()
        );
    }
}

#[test]
fn every_sample_is_read_as_the_snapshot_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/triggers.txt");
    let found: Vec<String> = samples::samples()
        .iter()
        .map(|sample| described(&sample.name, &samples::read(&sample.payload)))
        .collect();
    agrees(
        &path,
        &found.join("\n"),
        &fs::read_to_string(&path).unwrap_or_default(),
    );
}

#[test]
fn the_readme_lists_every_sample_and_what_it_becomes() {
    let path = samples::folder().join("README.md");
    let told = fs::read_to_string(&path).unwrap();
    let (introduction, _) = told.split_once(TABLE).expect("the table is last");
    let mut found = format!("{introduction}{TABLE}");
    for sample in samples::samples() {
        let trigger = line(&samples::read(&sample.payload));
        let dr = samples::dr::line(&samples::dr::read(&sample.payload));
        writeln!(
            found,
            "| [`{name}`]({name}.json) | {trigger} | {dr} |",
            name = sample.name
        )
        .unwrap();
    }
    agrees(&path, &found, &told);
}

#[test]
fn the_samples_show_every_envelope_and_every_reason_not_to_act() {
    let lines: BTreeSet<String> = samples::samples()
        .iter()
        .map(|sample| line(&samples::read(&sample.payload)))
        .collect();
    let shown = |part: &str| lines.iter().any(|line| line.contains(part));
    for kind in ["task", "instance", "configuration", "endpoint", "data-migration"] {
        assert!(shown(&format!("replication: {kind} ")), "no {kind}");
    }
    for kind in [
        "→ ALARM",
        "→ OK",
        "→ INSUFFICIENT_DATA",
        "suppressed",
        "tick",
        "manual",
    ] {
        assert!(shown(kind), "no {kind}");
    }
    // These two are made up where they are needed: nobody would want to read such a file.
    let unreadable = [Why::TooLarge, Why::TooDeep];
    for why in Why::ALL.into_iter().filter(|why| !unreadable.contains(why)) {
        assert!(shown(&format!(":{}", why.name())), "no sample is {}", why.name());
    }
}
