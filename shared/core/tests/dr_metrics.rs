//! The numbers that `dr-failover` tells of an invocation.
#![allow(
    clippy::unwrap_used,
    reason = "the functions here are all part of tests, which clippy only sees in those marked so"
)]

use cutover_core::dr::metrics::of;
use cutover_core::dr::report::Report;
use cutover_core::error::{Class, Failure};
use cutover_core::metrics::{Measured, Metric};
use serde_json::{Value, json};

const MEASURED: Measured = Measured {
    milliseconds: 250,
    round_trips: 2,
};

fn answer() -> Value {
    let vote = |signal: &str, says: &str| json!({"signal": signal, "says": says, "detail": ""});
    json!({
        "outcome": "held", "action": "tick", "environment": "dev", "generation": 3, "phase": "suspected",
        "traffic": {"serve_from": "primary"},
        "replication": {"status": "replicating", "lag_seconds": 1, "verdict": "fresh"},
        "blockers": [{"code": "loss-over-budget", "message": "too much", "forceable": false}],
        "rollback": {"viability": "impossible"}, "steps": [], "waiting_on": [], "message": "",
        "dr": {
            "mode": "auto", "roles": [], "quorum": 2, "timeline": null, "figures": [],
            "votes": [vote("alarm a", "bad"), vote("probe", "bad"), vote("rds-api", "unknown"), vote("alarm b", "good")],
            "loss_estimate": {"lag_milliseconds": 900, "age_seconds": 89, "seconds": 90},
            "objectives": {
                "detection_seconds": 30, "promotion_seconds": 60, "routing_seconds": 90,
                "verification_seconds": 120, "rto_seconds": 300, "rpo_seconds": 60
            }
        }
    })
}

fn told(answer: Value) -> Vec<Metric> {
    let report: Report = serde_json::from_value(answer).unwrap();
    of(&Ok(report), MEASURED)
}

fn value(metrics: &[Metric], name: &str) -> Option<f64> {
    metrics
        .iter()
        .find(|metric| metric.name == name)
        .map(|metric| metric.value)
}

fn labels(metrics: &[Metric], name: &str) -> Vec<String> {
    let named = metrics.iter().filter(|metric| metric.name == name);
    named
        .filter_map(|metric| Some(metric.label.as_ref()?.1.clone()))
        .collect()
}

#[test]
fn a_look_at_both_regions_tells_where_it_stands_what_is_bad_and_what_it_would_cost() {
    let metrics = told(answer());
    for (name, wanted) in [
        ("Duration", 250.0),
        ("RoundTrips", 2.0),
        ("Phase", 1.0),
        ("LossEstimate", 90.0),
        ("BadVotes", 2.0),
        ("NoticesSent", 0.0),
        ("NoticesFailed", 0.0),
        ("ConflictsLost", 0.0),
        ("PutOff", 0.0),
    ] {
        assert_eq!(value(&metrics, name), Some(wanted), "{name}");
    }
    assert_eq!(labels(&metrics, "Holds"), ["loss-over-budget"]);
}

#[test]
fn what_nobody_knows_has_no_value() {
    let mut unknown = answer();
    *unknown.pointer_mut("/dr/loss_estimate").unwrap() = Value::Null;
    assert_eq!(value(&told(unknown), "LossEstimate"), None);
}

#[test]
fn a_payload_that_is_none_of_ours_tells_nothing_of_the_regions() {
    let mut stranger = answer();
    *stranger.get_mut("outcome").unwrap() = json!("unchanged");
    stranger
        .as_object_mut()
        .unwrap()
        .insert("unrecognised".to_owned(), json!("eventbridge/account"));
    let metrics = told(stranger);
    assert_eq!(labels(&metrics, "UnrecognisedEvents"), ["eventbridge/account"]);
    for name in ["Phase", "BadVotes", "LossEstimate", "Holds"] {
        assert_eq!(value(&metrics, name), None, "{name}");
    }
}

#[test]
fn a_failure_tells_its_class_and_how_long_it_took() {
    let metrics = of(&Err(Failure::new(Class::Retryable, "no answer")), MEASURED);
    assert_eq!(labels(&metrics, "Failures"), ["Retryable"]);
    assert_eq!(value(&metrics, "Duration"), Some(250.0));
    assert_eq!(value(&metrics, "Phase"), None);
}
