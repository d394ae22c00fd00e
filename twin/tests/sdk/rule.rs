//! A rule for the events of `cutover`, and what its listener heard.

use std::time::Duration;

use serde_json::json;
use twin::Twin;
use twin::events::{RetryPolicy, Rule, RuleTrigger, Target};

pub const RULE: &str = "migration-events";

/// A rule for everything of `cutover`, to these functions.
pub fn listening(twin: &Twin, functions: &[&str]) {
    let targets = functions.iter().map(|name| Target {
        id: (*name).to_owned(),
        arn: super::ears::arn(twin, name),
        input: None,
        retry: RetryPolicy {
            age_max: Duration::from_mins(5),
            retries_max: 3,
        },
        dead_letter: Some("arn:aws:sqs:eu-central-1:111122223333:rule-letters".to_owned()),
        role: None,
    });
    let rule = Rule {
        name: RULE.to_owned(),
        trigger: RuleTrigger::matching(r#"{"source":["cutover"]}"#).unwrap(),
        enabled: true,
        targets: targets.collect(),
    };
    twin.events(|events| events.put_rule(rule));
}

pub fn put(twin: &Twin, step: usize) {
    let event = json!({"source": "cutover", "detail-type": "Step", "detail": {"step": step}});
    twin.inject(&event.to_string()).unwrap();
}

pub fn steps(twin: &Twin) -> Vec<u64> {
    let heard = super::ears::payloads(twin, "ears");
    heard
        .iter()
        .map(|event| event["detail"]["step"].as_u64().unwrap())
        .collect()
}

pub fn seconds_after_start(twin: &Twin) -> Vec<i64> {
    let start = twin::TwinOptions::default().start;
    let heard = super::ears::heard(twin, "ears");
    heard
        .iter()
        .map(|invoked| invoked.at.duration_since(start).as_secs())
        .collect()
}

pub fn listener() -> Twin {
    let twin = super::twin();
    super::ears::host(&twin, "ears");
    listening(&twin, &["ears"]);
    twin
}
