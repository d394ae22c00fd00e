//! Nothing makes `dr-failover` look that is not ours in every place that says so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod samples;

use cutover_core::dr::trigger::{Identity, parse};
use cutover_core::trigger::{MESSAGE_BYTES_MAX, Why};
use samples::dr::{
    DR_REGION, PRIMARY_REGION, WITNESS, alarm, database, identity, is_acted_on_only_if_ours, read, why, with,
};
use samples::{ACCOUNT, corpus, edited, now, sample};
use serde_json::{Value, json};

/// Places in a sample, and what makes it somebody else's, or nobody's, there.
type Places = Vec<(&'static str, Value)>;

const SOURCE: &str = "/detail/SourceArn";
const STRANGER: &str = "444455556666";
const ELSEWHERE: &str = "ap-southeast-2";

fn old() -> Value {
    json!("2026-03-01T09:00:00.000+0000")
}

fn foreign_envelope() -> Places {
    vec![
        ("/account", json!(STRANGER)),
        ("/region", json!(ELSEWHERE)),
        ("/source", json!("me")),
        ("/detail-type", json!("Something Else")),
    ]
}

/// ARNs of somebody else, of somewhere else, and of another kind than the envelope says.
fn foreign_sources(pointer: &'static str, kind: &str, name: &str) -> Places {
    let arn = |service: &str, region: &str, account: &str, kind: &str, name: &str| {
        (
            pointer,
            json!(format!("arn:aws:{service}:{region}:{account}:{kind}:{name}")),
        )
    };
    let mut places = vec![
        arn("rds", DR_REGION, STRANGER, kind, name),
        arn("rds", ELSEWHERE, ACCOUNT, kind, name),
        arn("rds", "", ACCOUNT, kind, name),
        arn("dms", DR_REGION, ACCOUNT, kind, name),
        arn("rds", DR_REGION, ACCOUNT, "pg", name),
        arn("rds", DR_REGION, ACCOUNT, kind, ""),
        (pointer, json!(name)),
    ];
    // The one place of ours that the event does not come from.
    places.push(arn("rds", PRIMARY_REGION, ACCOUNT, kind, name));
    places
}

fn of_a_cluster() -> Places {
    let mut places = [
        foreign_envelope(),
        foreign_sources(SOURCE, "cluster", "orders-dr"),
    ]
    .concat();
    let of = |kind: &str, name: &str| json!(format!("arn:aws:rds:{DR_REGION}:{ACCOUNT}:{kind}:{name}"));
    places.extend([
        ("/region", json!(PRIMARY_REGION)),
        ("/detail/Date", old()),
        (SOURCE, of("cluster", "orders-dr-2")),
        (SOURCE, of("db", "orders-dr")),
        (
            SOURCE,
            json!(format!("arn:aws:rds::{ACCOUNT}:global-cluster:billing")),
        ),
        (
            SOURCE,
            json!(format!("arn:aws:rds::{STRANGER}:global-cluster:orders")),
        ),
        (
            SOURCE,
            json!(format!("arn:aws:rds:{DR_REGION}:{ACCOUNT}:global-cluster:orders")),
        ),
    ]);
    places
}

fn of_an_instance() -> Places {
    let mut places = [foreign_envelope(), foreign_sources(SOURCE, "db", "orders-dr-1")].concat();
    let named = |name: &str| json!(format!("arn:aws:rds:{DR_REGION}:{ACCOUNT}:db:{name}"));
    places.extend([
        (SOURCE, named("orders dr")),
        (SOURCE, named("orders\n\u{1b}[31m")),
        (SOURCE, named(&"x".repeat(256))),
        (
            SOURCE,
            json!(format!("arn:aws:rds:{DR_REGION}:{ACCOUNT}:cluster:orders-dr")),
        ),
    ]);
    places
}

fn of_a_notice() -> Places {
    let mut places = foreign_sources("/Records/0/Sns/Message/Source ARN", "cluster", "orders-dr");
    places.extend([
        (
            "/Records/0/Sns/TopicArn",
            json!(format!("arn:aws:sns:{DR_REGION}:{STRANGER}:t")),
        ),
        (
            "/Records/0/Sns/TopicArn",
            json!(format!("arn:aws:sns:{ELSEWHERE}:{ACCOUNT}:t")),
        ),
        // Where ours are too, but not this one; and where the witness alone is.
        (
            "/Records/0/Sns/TopicArn",
            json!(format!("arn:aws:sns:{PRIMARY_REGION}:{ACCOUNT}:t")),
        ),
        (
            "/Records/0/Sns/TopicArn",
            json!(format!("arn:aws:sns:eu-north-1:{ACCOUNT}:t")),
        ),
        ("/Records/0/EventSource", json!("aws:sqs")),
        ("/Records/0/Sns/Message/Event Source", json!("db-parameter-group")),
        ("/Records/0/Sns/Message/Event Time", old()),
    ]);
    places
}

fn of_an_alarm(arn: &'static str) -> Places {
    let at = |account: &str, region: &str, name: &str| {
        (
            arn,
            json!(format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}")),
        )
    };
    vec![
        at(STRANGER, DR_REGION, "dr-dev-replication-silent"),
        at(ACCOUNT, PRIMARY_REGION, "dr-dev-replication-silent"),
        at(ACCOUNT, "eu-north-1", "dr-dev-replication-silent"),
        at(ACCOUNT, DR_REGION, "dr-dev-replication"),
        (arn, json!(WITNESS)),
    ]
}

fn of_an_alarm_s_envelope() -> Places {
    let mut places = [foreign_envelope(), of_an_alarm("/resources/0")].concat();
    places.extend([
        ("/region", json!(PRIMARY_REGION)),
        ("/detail/alarmName", json!("orders-seen-from-outside")),
        ("/detail/state/value", json!("OK")),
        ("/detail/state/timestamp", old()),
        ("/detail/previousState/value", json!("ALARM")),
    ]);
    places
}

fn of_the_witness() -> Places {
    let mut places = [foreign_envelope(), of_an_alarm("/resources/0")].concat();
    places.pop();
    places.extend([
        ("/region", json!(DR_REGION)),
        ("/region", json!(PRIMARY_REGION)),
        ("/detail/alarmName", json!("dr-dev-replication-silent")),
    ]);
    places
}

fn of_the_schedule() -> Places {
    let mut places = foreign_envelope();
    places.extend([("/region", json!(PRIMARY_REGION)), ("/time", old())]);
    places
}

#[test]
fn no_trigger_survives_the_change_of_what_makes_it_ours() {
    let essential = [
        ("rds.cluster.failover-done", of_a_cluster()),
        ("rds.instance.restarted", of_an_instance()),
        ("sns.rds.failover-done", of_a_notice()),
        ("cloudwatch.alarm.dr-in-alarm", of_an_alarm_s_envelope()),
        ("cloudwatch.alarm.dr-witness", of_the_witness()),
        ("alarm-action.dr-in-alarm", of_an_alarm("/alarmArn")),
        (
            "sns.alarm.dr-in-alarm",
            of_an_alarm("/Records/0/Sns/Message/AlarmArn"),
        ),
        ("schedule.dr", of_the_schedule()),
    ];
    for (name, places) in essential {
        let payload = sample(name);
        assert!(is_acted_on_only_if_ours(&payload), "{name} is acted on as it is");
        for (pointer, value) in places {
            for value in [value, json!("\u{202e}")] {
                let trigger = read(&edited(&payload, pointer, Some(&value)));
                assert!(
                    why(&trigger).is_some(),
                    "{name} with {pointer} = {value} is {trigger:?}"
                );
            }
        }
    }
}

#[test]
fn an_event_that_another_bus_forwarded_counts_only_from_a_place_of_ours() {
    for (name, region) in [
        ("rds.cluster.switchover-started", PRIMARY_REGION),
        ("rds.cluster.promoted", DR_REGION),
        ("rds.instance.fencing-timed-out", PRIMARY_REGION),
        ("rds.snapshot.lost-tail", PRIMARY_REGION),
    ] {
        assert_eq!(database(read(&sample(name))).region, region);
        let mut without_the_primary = identity();
        without_the_primary.places.truncate(1);
        let trigger = parse(&sample(name), &without_the_primary, now());
        let expected = (region == PRIMARY_REGION).then_some(Why::ForeignRegion);
        assert_eq!(why(&trigger), expected, "{name}");
    }
}

#[test]
fn the_witness_is_known_by_its_whole_arn_alone() {
    let event = alarm(read(&sample("cloudwatch.alarm.dr-witness")));
    assert_eq!(event.arn, WITNESS);
    assert_eq!(alarm(read(&sample("sns.alarm.dr-witness"))).arn, WITNESS);
    let mut none = identity();
    none.witness = None;
    for (name, expected) in [
        ("cloudwatch.alarm.dr-witness", Why::ForeignRegion),
        ("sns.alarm.dr-witness", Why::ForeignRegion),
        ("cloudwatch.alarm.dr-witness-s-name-elsewhere", Why::UnknownAlarm),
    ] {
        assert_eq!(why(&parse(&sample(name), &none, now())), Some(expected), "{name}");
    }
    let of_the_name_only = read(&sample("cloudwatch.alarm.dr-witness-s-name-elsewhere"));
    assert_eq!(why(&of_the_name_only), Some(Why::UnknownAlarm));
}

#[test]
fn an_identity_of_nothing_takes_nothing_for_its_own() {
    let nothing = Identity {
        places: Vec::new(),
        clusters: Vec::new(),
        global_cluster: None,
        alarms: Vec::new(),
        witness: None,
    };
    for sample in samples::samples() {
        let trigger = parse(&sample.payload, &nothing, now());
        let commanded = sample.name.starts_with("manual.");
        assert_eq!(
            why(&trigger).is_none(),
            commanded,
            "{} is {trigger:?}",
            sample.name
        );
    }
}

#[test]
fn what_is_kept_of_an_event_is_short() {
    let long = json!("x".repeat(5_000));
    let event = database(with("rds.cluster.failover-done", "/detail/Message", &long));
    assert_eq!(event.message.as_str().len(), MESSAGE_BYTES_MAX);
    let partition = json!(format!(
        "arn:{}:rds:{DR_REGION}:{ACCOUNT}:db:orders-dr-1",
        "x".repeat(5_000)
    ));
    assert_eq!(
        why(&with("rds.instance.restarted", SOURCE, &partition)),
        Some(Why::ForeignResource)
    );
}

#[test]
fn what_is_kept_in_the_corpus_is_acted_on_only_if_ours() {
    let acted_on: Vec<String> = corpus()
        .into_iter()
        .filter(|sample| is_acted_on_only_if_ours(&sample.payload))
        .map(|sample| sample.name)
        .collect();
    // Of two fields of one name the last counts, and it is ours.
    assert_eq!(acted_on, ["rds-source-twice-ours-last"]);
}
