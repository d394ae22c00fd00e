//! The identity of `dr-failover` in the samples, and what they are to it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise, and not every test uses all of it"
)]

use cutover_core::dr::trigger::{DatabaseEvent, Identity, Trigger, parse};
use cutover_core::trigger::{AlarmEvent, Why};
use serde_json::Value;

use super::ours::{is_recent, texts};
use super::{ACCOUNT, edited, now, sample};

pub const PRIMARY_REGION: &str = "eu-central-1";
pub const DR_REGION: &str = "eu-west-1";
pub const WITNESS: &str = "arn:aws:cloudwatch:eu-north-1:111122223333:alarm:orders-seen-from-outside";

pub fn identity() -> Identity {
    let place = |region: &str| (ACCOUNT.to_owned(), region.to_owned());
    let cluster = |region: &str, name: &str| format!("arn:aws:rds:{region}:{ACCOUNT}:cluster:{name}");
    Identity {
        places: vec![place(DR_REGION), place(PRIMARY_REGION)],
        clusters: vec![
            cluster(DR_REGION, "orders-dr"),
            cluster(PRIMARY_REGION, "orders-primary"),
        ],
        global_cluster: Some("orders".to_owned()),
        alarms: ["replication-silent", "replication-lag"]
            .map(|name| format!("dr-dev-{name}"))
            .into(),
        witness: Some(WITNESS.to_owned()),
    }
}

pub fn read(payload: &[u8]) -> Trigger {
    parse(payload, &identity(), now())
}

pub fn with(name: &str, pointer: &str, value: &Value) -> Trigger {
    read(&edited(&sample(name), pointer, Some(value)))
}

pub fn without(name: &str, pointer: &str) -> Trigger {
    read(&edited(&sample(name), pointer, None))
}

pub fn why(trigger: &Trigger) -> Option<Why> {
    match trigger {
        Trigger::Unrecognised(unrecognised) => Some(unrecognised.why),
        Trigger::Command | Trigger::Alarm(_) | Trigger::Database(_) | Trigger::Tick { .. } => None,
    }
}

pub fn database(trigger: Trigger) -> DatabaseEvent {
    let Trigger::Database(event) = trigger else {
        panic!("no database event: {trigger:?}")
    };
    event
}

pub fn alarm(trigger: Trigger) -> AlarmEvent {
    let Trigger::Alarm(event) = trigger else {
        panic!("no alarm: {trigger:?}")
    };
    event
}

/// In one line, as the README has it.
pub fn line(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Database(event) => {
            format!("database: {} {}", event.subject.name(), event.happening.name())
        }
        Trigger::Alarm(event) => super::alarm_line(event),
        Trigger::Tick { .. } => "tick".to_owned(),
        Trigger::Command => "command".to_owned(),
        Trigger::Unrecognised(unrecognised) => format!("not acted on: {}", unrecognised.key()),
    }
}

/// Judged from the text of the payload alone, and by no code of the parser. Says whether it is acted on.
pub fn is_acted_on_only_if_ours(payload: &[u8]) -> bool {
    let trigger = read(payload);
    assert_eq!(trigger, read(payload), "the same bytes are read in two ways");
    let value: Value = serde_json::from_slice(payload).unwrap_or_default();
    let mut found = Vec::new();
    texts(&value, &mut found);
    let says = |part: &str| found.iter().any(|text| text.contains(part));
    let says_exactly = |part: &str| found.iter().any(|text| text == part);
    let who = String::from_utf8_lossy(payload);
    match trigger {
        Trigger::Database(event) => {
            is_recent(event.at);
            assert!(says(ACCOUNT), "{who}");
            assert!(
                [PRIMARY_REGION, DR_REGION].contains(&event.region.as_str()),
                "{who}"
            );
            assert!(says(&event.region), "{who}");
            // A notice may have the identifier alone.
            assert!(
                says_exactly(&event.resource) || says_exactly(&event.identifier),
                "{who}"
            );
            assert!(is_one_of_ours(&event), "{} of {who}", event.resource);
            true
        }
        Trigger::Alarm(event) => {
            is_recent(event.at);
            assert!(
                says_exactly(&event.name) && says_exactly(&event.arn) && says_exactly(ACCOUNT),
                "{who}"
            );
            let end = format!(":cloudwatch:{DR_REGION}:{ACCOUNT}:alarm:{}", event.name);
            let ours = identity().alarms.contains(&event.name) && event.arn.ends_with(&end);
            assert!(ours || event.arn == WITNESS, "{who}");
            true
        }
        Trigger::Tick { .. } => {
            assert!(says_exactly(ACCOUNT) && says_exactly(DR_REGION), "{who}");
            true
        }
        Trigger::Command => {
            assert!(value["action"].is_string(), "{who}");
            let fields = value.as_object().unwrap();
            assert!(
                !["detail-type", "alarmData", "Records"]
                    .iter()
                    .any(|marker| fields.contains_key(*marker))
            );
            false
        }
        Trigger::Unrecognised(_) => false,
    }
}

/// A cluster of the configuration, or something that has no name there but stands where they do.
fn is_one_of_ours(event: &DatabaseEvent) -> bool {
    let parts: Vec<&str> = event.resource.splitn(7, ':').collect();
    let ["arn", _, "rds", region, account, kind, identifier] = parts[..] else {
        return false;
    };
    assert_eq!(identifier, event.identifier);
    let here = account == ACCOUNT && region == event.region;
    match (event.subject.name(), kind) {
        ("cluster", "cluster") => identity().clusters.contains(&event.resource),
        ("cluster", "global-cluster") => account == ACCOUNT && region.is_empty() && identifier == "orders",
        ("instance", "db") | ("snapshot", "cluster-snapshot") => here && !identifier.is_empty(),
        _ => false,
    }
}
