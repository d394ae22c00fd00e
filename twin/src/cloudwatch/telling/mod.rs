//! What a change of state tells the world: an event, and the actions of the alarm.

mod configuration;
mod message;

use serde_json::{Value, json};
use winterbaume_cloudwatch::model::{CompositeAlarm, MetricAlarm};

use super::state::{ALARM, OK, State, written};
use crate::emission::{Action, Event};
use crate::place::Place;

#[derive(Debug, Clone, Copy)]
pub(super) enum Alarm<'a> {
    Metric(&'a MetricAlarm),
    Composite(&'a CompositeAlarm),
}

/// An alarm that has just changed.
pub(super) struct Change<'a> {
    alarm: Alarm<'a>,
    state: State,
    previous: State,
}

/// What both kinds of alarm have.
struct Common<'a> {
    name: &'a str,
    arn: &'a str,
    description: Option<&'a str>,
    updated: Option<f64>,
    enabled: bool,
    ok_actions: &'a [String],
    alarm_actions: &'a [String],
    insufficient_data_actions: &'a [String],
}

impl<'a> Change<'a> {
    pub(super) fn new(alarm: Alarm<'a>, previous: State) -> Self {
        let state = match alarm {
            Alarm::Metric(alarm) => State::of_metric(alarm),
            Alarm::Composite(alarm) => State::of_composite(alarm),
        };
        Self {
            alarm,
            state,
            previous,
        }
    }

    pub(super) fn event(&self) -> Event {
        let common = self.alarm.common();
        Event {
            source: "aws.cloudwatch".to_owned(),
            detail_type: "CloudWatch Alarm State Change".to_owned(),
            resources: vec![common.arn.to_owned()],
            detail: self.data(),
        }
    }

    /// What the event and a function are told alike.
    fn data(&self) -> Value {
        json!({
            "alarmName": self.alarm.common().name,
            "configuration": configuration::of(self.alarm),
            "previousState": state(&self.previous),
            "state": state(&self.state),
        })
    }

    /// The actions of the new state, to topics and functions; the twin has nothing else that an alarm
    /// could act on.
    pub(super) fn actions(&self, place: &Place) -> Vec<Action> {
        let common = self.alarm.common();
        let targets = match self.state.value.as_str() {
            ALARM => common.alarm_actions,
            OK => common.ok_actions,
            _ => common.insufficient_data_actions,
        };
        let targets = if common.enabled { targets } else { &[] };
        let payload = |to: &str| {
            if to.starts_with("arn:aws:lambda:") {
                Some(self.for_function(place))
            } else if to.starts_with("arn:aws:sns:") {
                Some(message::of(self, place))
            } else {
                None
            }
        };
        let action = |to: &String| {
            Some(Action {
                to: to.clone(),
                payload: payload(to)?,
                subject: message::subject(self, place),
            })
        };
        targets.iter().filter_map(action).collect()
    }

    fn for_function(&self, place: &Place) -> Value {
        json!({
            "source": "aws.cloudwatch",
            "alarmArn": self.alarm.common().arn,
            "accountId": place.account,
            "time": written(self.state.at),
            "region": place.region,
            "alarmData": self.data(),
        })
    }
}

impl<'a> Alarm<'a> {
    fn common(self) -> Common<'a> {
        match self {
            Self::Metric(alarm) => Common {
                name: alarm.alarm_name.as_deref().unwrap_or_default(),
                arn: alarm.alarm_arn.as_deref().unwrap_or_default(),
                description: alarm.alarm_description.as_deref(),
                updated: alarm.alarm_configuration_updated_timestamp,
                enabled: alarm.actions_enabled != Some(false),
                ok_actions: alarm.o_k_actions.as_deref().unwrap_or_default(),
                alarm_actions: alarm.alarm_actions.as_deref().unwrap_or_default(),
                insufficient_data_actions: alarm.insufficient_data_actions.as_deref().unwrap_or_default(),
            },
            Self::Composite(alarm) => Common {
                name: alarm.alarm_name.as_deref().unwrap_or_default(),
                arn: alarm.alarm_arn.as_deref().unwrap_or_default(),
                description: alarm.alarm_description.as_deref(),
                updated: alarm.alarm_configuration_updated_timestamp,
                enabled: alarm.actions_enabled != Some(false),
                ok_actions: alarm.o_k_actions.as_deref().unwrap_or_default(),
                alarm_actions: alarm.alarm_actions.as_deref().unwrap_or_default(),
                insufficient_data_actions: alarm.insufficient_data_actions.as_deref().unwrap_or_default(),
            },
        }
    }
}

/// A state in an event. What is absent is left out.
fn state(state: &State) -> Value {
    let mut value = json!({
        "value": state.value,
        "reason": state.reason,
        "timestamp": written(state.at),
    });
    let suppressed = state.suppressed.as_ref();
    add(&mut value, "reasonData", state.data.clone());
    add(
        &mut value,
        "actionsSuppressedBy",
        suppressed.map(|(by, _)| by.clone()),
    );
    add(
        &mut value,
        "actionsSuppressedReason",
        suppressed.map(|(_, reason)| reason.clone()),
    );
    value
}

/// Adds a field, if there is something to put into it.
fn add<T: Into<Value>>(to: &mut Value, name: &str, field: Option<T>) {
    if let (Some(fields), Some(field)) = (to.as_object_mut(), field) {
        fields.insert(name.to_owned(), field.into());
    }
}
