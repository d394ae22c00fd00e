//! What alarms put into the outbox.

mod actions;
mod events;

use std::time::Duration;

use serde_json::Value;

use super::{AlarmDefinition, Feed, Watched, WatchedMetric};
use crate::emission::{Action, Emission, Event};
use crate::{Twin, TwinOptions};

const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:people";
const FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:alarm-rollback";
const LAG_ARN: &str = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:lag";

/// An alarm on a lag of more than 60 s, and a lag of 2 s since 08:50.
fn with_lag_alarm() -> Twin {
    let twin = Twin::new(TwinOptions::default());
    twin.cloudwatch(|cloudwatch| {
        cloudwatch
            .define_alarm(AlarmDefinition {
                name: "lag".to_owned(),
                description: Some("The target is behind".to_owned()),
                watched: Watched::Metric(lag()),
                threshold: 60.0,
                alarm_actions: vec![TOPIC.to_owned(), FUNCTION.to_owned()],
                ok_actions: vec![TOPIC.to_owned()],
                ..AlarmDefinition::default()
            })
            .unwrap();
    });
    feed(&twin, 2.0);
    twin
}

fn lag() -> WatchedMetric {
    WatchedMetric {
        namespace: "AWS/DMS".to_owned(),
        metric: "CDCLatencyTarget".to_owned(),
        dimensions: vec![("Task".to_owned(), "ABC".to_owned())],
        statistic: "Maximum".to_owned(),
        period_seconds: 60,
    }
}

fn feed(twin: &Twin, seconds: f64) {
    twin.cloudwatch(|cloudwatch| {
        cloudwatch.feed(
            "AWS/DMS",
            "CDCLatencyTarget",
            &[("Task", "ABC")],
            Feed::Constant(seconds),
        );
    });
}

/// Lets minutes pass, each with its evaluation.
fn minutes(twin: &Twin, count: u32) {
    for _ in 0..count {
        twin.clock().advance(Duration::from_mins(1));
        twin.evaluate_alarms();
    }
}

fn set(twin: &Twin, alarm: &str, state: &str) {
    assert!(twin.cloudwatch(|cloudwatch| cloudwatch.set_alarm_state(alarm, state, "by hand")));
}

/// What has been told since this was asked last.
fn told(twin: &Twin) -> (Vec<Event>, Vec<Action>) {
    let (mut events, mut actions) = (Vec::new(), Vec::new());
    for emission in twin.cloudwatch(|cloudwatch| cloudwatch.place.outbox.take()) {
        match emission {
            Emission::Event(event) => events.push(event),
            Emission::Action(action) => actions.push(action),
            Emission::Whole(_) | Emission::Notice(_) => {}
        }
    }
    (events, actions)
}

/// Each event as `alarm: previous → state`, with what suppresses its actions.
fn changes(events: &[Event]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |event: &Event| {
        let (state, previous) = (&event.detail["state"], &event.detail["previousState"]);
        let change = format!("{} → {}", text(&previous["value"]), text(&state["value"]));
        let name = text(&event.detail["alarmName"]);
        format!("{name}: {change} {}", text(&state["actionsSuppressedBy"]))
    };
    events.iter().map(line).collect()
}
