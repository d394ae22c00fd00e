//! The state of an alarm: what it is, why, and since when.

use jiff::Timestamp;
use winterbaume_cloudwatch::model::{CompositeAlarm, MetricAlarm};

use crate::reply::{epoch_seconds, from_epoch_seconds};

pub(super) const ALARM: &str = "ALARM";
pub(super) const OK: &str = "OK";
pub(super) const INSUFFICIENT_DATA: &str = "INSUFFICIENT_DATA";

#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub value: String,
    pub reason: String,
    /// JSON.
    pub data: Option<String>,
    pub at: Timestamp,
    /// By what the actions of a composite alarm are suppressed, and how `CloudWatch` says so.
    pub suppressed: Option<(String, String)>,
}

impl State {
    pub(super) fn new(value: &str, reason: &str, data: Option<String>, at: Timestamp) -> Self {
        Self {
            value: value.to_owned(),
            reason: reason.to_owned(),
            data,
            at,
            suppressed: None,
        }
    }

    pub(super) fn of_metric(alarm: &MetricAlarm) -> Self {
        Self {
            value: alarm.state_value.clone().unwrap_or_default(),
            reason: alarm.state_reason.clone().unwrap_or_default(),
            data: alarm.state_reason_data.clone(),
            at: time(alarm.state_updated_timestamp),
            suppressed: None,
        }
    }

    pub(super) fn of_composite(alarm: &CompositeAlarm) -> Self {
        let by = alarm.actions_suppressed_by.clone();
        Self {
            value: alarm.state_value.clone().unwrap_or_default(),
            reason: alarm.state_reason.clone().unwrap_or_default(),
            data: alarm.state_reason_data.clone(),
            at: time(alarm.state_updated_timestamp),
            suppressed: by.map(|by| (by, alarm.actions_suppressed_reason.clone().unwrap_or_default())),
        }
    }

    pub(super) fn put_into_metric(self, alarm: &mut MetricAlarm) {
        let at = Some(epoch_seconds(self.at));
        if alarm.state_value.as_ref() != Some(&self.value) {
            alarm.state_transitioned_timestamp = at;
        }
        alarm.state_updated_timestamp = at;
        alarm.state_value = Some(self.value);
        alarm.state_reason = Some(self.reason);
        alarm.state_reason_data = self.data;
    }

    pub(super) fn put_into_composite(self, alarm: &mut CompositeAlarm) {
        let at = Some(epoch_seconds(self.at));
        if alarm.state_value.as_ref() != Some(&self.value) {
            alarm.state_transitioned_timestamp = at;
        }
        let (by, reason) = self.suppressed.unzip();
        alarm.actions_suppressed_by = by;
        alarm.actions_suppressed_reason = reason;
        alarm.state_updated_timestamp = at;
        alarm.state_value = Some(self.value);
        alarm.state_reason = Some(self.reason);
        alarm.state_reason_data = self.data;
    }
}

/// `2026-03-02T09:04:00.000+0000`, as alarms write times everywhere.
pub(super) fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

pub(super) fn time(epoch_seconds: Option<f64>) -> Timestamp {
    epoch_seconds
        .and_then(from_epoch_seconds)
        .unwrap_or(Timestamp::UNIX_EPOCH)
}
