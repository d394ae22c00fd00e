//! What `dr-failover` takes the samples in `events/` for, and how an event of RDS is read. `UPDATE_SNAPSHOTS=1` writes the
//! snapshot anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod samples;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cutover_core::dr::trigger::{Happening, Subject, Trigger};
use cutover_core::trigger::{Shape, Why};
use samples::dr::{database, line, read, why, with, without};
use samples::{edited, sample};
use serde_json::json;

/// With everything that is kept of it.
fn described(name: &str, trigger: &Trigger) -> String {
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "none".to_owned());
    let mut text = format!("{name}\n  {}\n", line(trigger));
    match trigger {
        Trigger::Database(event) => writeln!(
            text,
            "  {}, id {}, event {}\n  {} in {}: {}\n  {:?}",
            event.at,
            id(&event.id),
            id(&event.event),
            event.identifier,
            event.region,
            event.resource,
            event.message
        ),
        Trigger::Alarm(event) => writeln!(
            text,
            "  {}, id {}\n  {}, {}\n  {:?}",
            event.at,
            id(&event.id),
            event.name,
            event.arn,
            event.reason
        ),
        Trigger::Tick { id: event } => writeln!(text, "  id {}", id(event)),
        Trigger::Command => Ok(()),
        Trigger::Unrecognised(unrecognised) => writeln!(text, "  {:?}", unrecognised.detail),
    }
    .unwrap();
    text
}

#[test]
fn every_sample_is_read_as_the_snapshot_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/dr_triggers.txt");
    let found: Vec<String> = samples::samples()
        .iter()
        .map(|sample| described(&sample.name, &read(&sample.payload)))
        .collect();
    let found = found.join("\n");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let told = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        told,
        found,
        "{}: UPDATE_SNAPSHOTS=1 writes it anew",
        path.display()
    );
}

#[test]
fn the_samples_show_everything_that_rds_may_tell_and_every_way_it_does() {
    let mut shown = BTreeSet::new();
    let mut lines = BTreeSet::new();
    for sample in samples::samples() {
        let trigger = read(&sample.payload);
        lines.insert(line(&trigger));
        if let Trigger::Database(event) = trigger {
            shown.insert(event.happening);
        }
    }
    let mut all: BTreeSet<_> = SENTENCES.iter().map(|(_, happening)| *happening).collect();
    all.insert(Happening::Other);
    assert_eq!(shown, all);
    let shown = |part: &str| lines.iter().any(|line| line.contains(part));
    for part in [
        "database: cluster ",
        "database: instance ",
        "database: snapshot ",
        "→ ALARM",
        "tick",
        "command",
    ] {
        assert!(shown(part), "no {part}");
    }
    for shape in [
        Shape::RdsCluster,
        Shape::RdsInstance,
        Shape::RdsSnapshot,
        Shape::SnsRds,
    ] {
        assert!(shown(&format!("not acted on: {}:", shape.name())), "no {shape:?}");
    }
}

#[test]
fn no_function_of_the_migration_takes_an_event_of_rds_or_a_dr_alarm_for_its_own() {
    let of_dr = |name: &str| {
        ["rds.", ".dr-", "schedule.dr"]
            .iter()
            .any(|part| name.contains(part))
    };
    let foreign: Vec<_> = samples::samples()
        .into_iter()
        .filter(|sample| of_dr(&sample.name))
        .collect();
    assert!(foreign.len() > 40, "{} samples", foreign.len());
    for sample in foreign {
        let trigger = samples::read(&sample.payload);
        assert!(samples::why(&trigger).is_some(), "{} is {trigger:?}", sample.name);
    }
}

/// The samples that have a sentence of their own for what happened.
const SENTENCES: [(&str, Happening); 17] = [
    ("rds.cluster.switchover-started", Happening::SwitchoverStarted),
    ("rds.cluster.old-primary-shut-down", Happening::Fenced),
    ("rds.cluster.waiting-for-members", Happening::WaitingForLag),
    ("rds.cluster.waiting-for-target", Happening::WaitingForLag),
    ("rds.cluster.promoted", Happening::Promoted),
    ("rds.cluster.switchover-finished", Happening::SwitchoverFinished),
    ("rds.cluster.switchover-cancelled", Happening::SwitchoverCancelled),
    ("rds.cluster.switchover-failed", Happening::SwitchoverFailed),
    ("rds.cluster.failover-done", Happening::FailoverDone),
    ("rds.cluster.failover-failed", Happening::FailoverFailed),
    ("rds.cluster.resync-started", Happening::Resync),
    ("rds.cluster.resync-finished", Happening::Resync),
    (
        "rds.cluster.writer-endpoint-changed",
        Happening::WriterEndpointChanged,
    ),
    ("rds.cluster.version-drift", Happening::VersionDrift),
    (
        "rds.cluster.promoted-without-instances",
        Happening::PromotedWithoutInstances,
    ),
    ("rds.instance.writes-blocked", Happening::Fenced),
    ("rds.instance.fencing-timed-out", Happening::FencingTimedOut),
];

#[test]
fn the_number_tells_what_happened_and_without_it_the_sentence() {
    for (name, happening) in SENTENCES {
        assert_eq!(database(read(&sample(name))).happening, happening, "{name}");
        let by_number = database(with(name, "/detail/Message", &json!("")));
        assert_eq!(by_number.happening, happening, "{name}, by its number");
        for nothing in [
            json!(null),
            json!(""),
            json!(391),
            json!("0391"),
            json!("RDS-EVENT-03911"),
        ] {
            let by_sentence = database(with(name, "/detail/EventID", &nothing));
            assert_eq!(by_sentence.event, None);
            assert_eq!(by_sentence.happening, happening, "{name}, by its sentence");
        }
    }
}

#[test]
fn a_number_that_is_not_known_outweighs_a_sentence_that_is() {
    let event = database(with(
        "rds.cluster.failover-done",
        "/detail/EventID",
        &json!("RDS-EVENT-9999"),
    ));
    assert_eq!(event.happening, Happening::Other);
    assert_eq!(event.event.as_deref(), Some("9999"));
}

#[test]
fn a_cluster_s_name_never_tells_what_happened() {
    let told = |message: &str| {
        let payload = edited(&sample("rds.cluster.failover-done"), "/detail/EventID", None);
        database(read(&edited(&payload, "/detail/Message", Some(&json!(message))))).happening
    };
    for (message, happening) in [
        (
            "Global failover to DB cluster failed in Region eu-west-1 completed.",
            Happening::FailoverDone,
        ),
        (
            "Global failover to DB cluster completed in Region eu-west-1 failed.",
            Happening::FailoverFailed,
        ),
        (
            "Global switchover to DB cluster started in Region eu-west-1 finished.",
            Happening::SwitchoverFinished,
        ),
        ("Global failover to DB cluster completed in", Happening::Other),
        ("", Happening::Other),
    ] {
        assert_eq!(told(message), happening, "{message}");
    }
}

#[test]
fn what_says_nothing_but_whose_it_is_is_still_worth_a_look() {
    let event = database(without("rds.cluster.failover-done", "/detail"));
    assert_eq!(event.subject, Subject::Cluster);
    assert_eq!((event.happening, event.event), (Happening::Other, None));
    assert_eq!(event.at.to_string(), "2026-03-02T09:00:00Z");
}

#[test]
fn the_source_s_arn_counts_more_than_the_resource_of_the_envelope() {
    let other = json!("arn:aws:rds:eu-west-1:111122223333:cluster:billing-dr");
    let name = "rds.cluster.failover-done";
    assert_eq!(
        why(&with(name, "/detail/SourceArn", &other)),
        Some(Why::ForeignResource)
    );
    assert_eq!(why(&with(name, "/resources/0", &other)), None);
    let by_resource = without(name, "/detail/SourceArn");
    assert_eq!(database(by_resource).identifier, "orders-dr");
}
