//! Whether a payload says in full whose it is, judged from its text alone and by no code of the parser.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

use cutover_core::trigger::{EVENT_AGE_SECONDS_MAX, EVENT_AHEAD_SECONDS_MAX, Trigger};
use jiff::Timestamp;
use serde_json::Value;

use super::{ACCOUNT, REGION, identity, now, read};

/// Everything that stands in a payload as text, also inside text that is JSON again.
pub fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            found.push(text.clone());
            if let Ok(inside) = serde_json::from_str::<Value>(text) {
                texts(&inside, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

pub fn is_recent(at: Timestamp) {
    let age = now().duration_since(at).as_secs();
    assert!(
        (-EVENT_AHEAD_SECONDS_MAX..=EVENT_AGE_SECONDS_MAX).contains(&age),
        "{at}"
    );
}

/// The property of all tests here. Says whether the payload is acted on.
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
        Trigger::Replication(event) => {
            is_recent(event.at);
            assert!(says(ACCOUNT) && says(REGION), "{who}");
            let ours = identity();
            assert!(
                ours.tasks
                    .iter()
                    .chain(&ours.related)
                    .any(|arn| *arn == event.resource)
            );
            let (_, segment) = event.resource.rsplit_once(':').unwrap();
            let called = ours.task_names.iter().filter(|(_, arn)| *arn == event.resource);
            let mut names = called.map(|(name, _)| name.as_str()).chain([segment]);
            assert!(
                says_exactly(&event.resource)
                    || names.any(|name| says_exactly(name) || says(&format!("SourceId: {name}"))),
                "{who}"
            );
            true
        }
        Trigger::Alarm(event) => {
            is_recent(event.at);
            assert!(identity().alarms.contains(&event.name), "{who}");
            assert!(says_exactly(&event.name) && says_exactly(&event.arn), "{who}");
            let end = format!(":cloudwatch:{REGION}:{ACCOUNT}:alarm:{}", event.name);
            assert!(
                event.arn.starts_with("arn:") && event.arn.ends_with(&end),
                "{who}"
            );
            assert!(says_exactly(ACCOUNT), "{who}");
            true
        }
        Trigger::Tick { .. } => {
            assert!(says_exactly(ACCOUNT) && says_exactly(REGION), "{who}");
            true
        }
        Trigger::Manual => {
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
