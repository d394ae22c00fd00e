//! Composite alarms: their rules, evaluated whenever an alarm they ask about changes.

use std::collections::BTreeMap;

use serde_json::json;
use winterbaume_cloudwatch::model::{CompositeAlarm, PutCompositeAlarmInput};

use super::CloudWatch;
use super::alarm_rule::{AlarmRule, name_of};
use super::state::{ALARM, INSUFFICIENT_DATA, OK, State, time, written};
use super::suppression::Suppression;
use crate::error::AwsError;
use crate::reply::epoch_seconds;

#[derive(Debug)]
pub(super) struct Composite {
    pub alarm: CompositeAlarm,
    rule: AlarmRule,
    /// The states of the alarms in the rule when it was last evaluated. A state that was set by hand stays
    /// until one of them changes.
    seen: BTreeMap<String, String>,
    /// The alarms that have changed since its own last change, the latest first.
    pending: Vec<String>,
    pub suppression: Option<Suppression>,
    /// The state whose actions were taken last.
    pub acted: String,
}

impl Composite {
    pub(super) fn asks_about(&self, name: &str) -> bool {
        let suppressor = self.alarm.actions_suppressor.as_deref().map(name_of);
        self.rule.alarms().contains(&name) || suppressor == Some(name)
    }
}

impl CloudWatch {
    pub(super) fn put_composite_alarm(&mut self, request: &PutCompositeAlarmInput) -> Result<(), AwsError> {
        let rule = self.checked_rule(request)?;
        let name = request.alarm_name.clone();
        let now = self.place.clock.now();
        let known = self.composites.remove(&name);
        let made = match known {
            None => "was created and its alarm rule",
            Some(_) => "was updated and its new alarm rule",
        };
        let composite = self.defined(request, rule, known);
        let arn = composite.alarm.alarm_arn.clone().unwrap_or_default();
        self.composites.insert(name.clone(), composite);

        let (seen, value) = self.ruled(&name);
        let data = self.triggers(&name, value, None);
        if let Some(composite) = self.composites.get_mut(&name) {
            composite.seen = seen;
            composite.pending.clear();
        }
        if self.state_of(&name).is_some_and(|state| state.value != value) {
            let reason = format!("{arn} {made} evaluates to {value}");
            self.change_state(&name, State::new(value, &reason, Some(data), now));
        }
        self.settle_composites();
        Ok(())
    }

    fn checked_rule(&self, request: &PutCompositeAlarmInput) -> Result<AlarmRule, AwsError> {
        if request.alarm_name.is_empty() || self.alarms.contains_key(&request.alarm_name) {
            return Err(invalid("AlarmName must be new, or that of a composite alarm."));
        }
        let text = request.alarm_rule.as_str();
        if text.is_empty() || text.trim() != text {
            let message = "AlarmRule must not contain leading or trailing whitespace or be null";
            return Err(invalid(message));
        }
        let rule = AlarmRule::parse(text).map_err(|reason| invalid(&reason))?;
        let unknown: Vec<String> = rule
            .alarms()
            .into_iter()
            .filter(|name| self.state_of(name).is_none())
            .map(|name| self.arn(name))
            .collect();
        if !unknown.is_empty() {
            return Err(invalid(&format!(
                "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
                unknown.join(", ")
            )));
        }
        let Some(suppressor) = request.actions_suppressor.as_deref().map(name_of) else {
            return Ok(rule);
        };
        if self.state_of(suppressor).is_none() {
            return Err(invalid(&format!(
                "Could not save the composite alarm as the actions suppressor {suppressor} does not exist"
            )));
        }
        let periods = [
            request.actions_suppressor_wait_period,
            request.actions_suppressor_extension_period,
        ];
        if periods
            .iter()
            .any(|period| period.is_none_or(|seconds| seconds < 0))
        {
            return Err(invalid(
                "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required with an \
                 ActionsSuppressor",
            ));
        }
        Ok(rule)
    }

    /// The alarm as it is asked for, in the state it has.
    fn defined(
        &self,
        request: &PutCompositeAlarmInput,
        rule: AlarmRule,
        known: Option<Composite>,
    ) -> Composite {
        let now = Some(epoch_seconds(self.place.clock.now()));
        let request = request.clone();
        let known = known.unwrap_or_else(|| Composite {
            alarm: CompositeAlarm {
                state_reason: Some("Unchecked: Initial alarm creation".to_owned()),
                state_transitioned_timestamp: now,
                state_updated_timestamp: now,
                state_value: Some(INSUFFICIENT_DATA.to_owned()),
                ..CompositeAlarm::default()
            },
            rule: AlarmRule::Always(false),
            seen: BTreeMap::new(),
            pending: Vec::new(),
            suppression: None,
            acted: INSUFFICIENT_DATA.to_owned(),
        });
        let alarm = CompositeAlarm {
            actions_enabled: request.actions_enabled.or(Some(true)),
            actions_suppressor: request.actions_suppressor,
            actions_suppressor_extension_period: request.actions_suppressor_extension_period,
            actions_suppressor_wait_period: request.actions_suppressor_wait_period,
            alarm_actions: request.alarm_actions,
            alarm_arn: Some(self.arn(&request.alarm_name)),
            alarm_configuration_updated_timestamp: now,
            alarm_description: request.alarm_description,
            alarm_name: Some(request.alarm_name),
            alarm_rule: Some(request.alarm_rule),
            insufficient_data_actions: request.insufficient_data_actions,
            o_k_actions: request.o_k_actions,
            ..known.alarm
        };
        Composite { alarm, rule, ..known }
    }

    /// Evaluates the rules whose alarms have changed, and theirs, until nothing changes any more.
    pub(super) fn settle_composites(&mut self) {
        // A chain is at most as long as there are alarms; in a circle nothing settles, and it ends here.
        for _ in 0..=self.composites.len() {
            let names: Vec<String> = self.composites.keys().cloned().collect();
            let mut changed = false;
            for name in names {
                changed |= self.settle_suppression(&name);
                changed |= self.settle_rule(&name);
            }
            if !changed {
                break;
            }
        }
    }

    fn settle_rule(&mut self, name: &str) -> bool {
        let (now_seen, value) = self.ruled(name);
        let Some(composite) = self.composites.get_mut(name) else {
            return false;
        };
        let before = std::mem::replace(&mut composite.seen, now_seen.clone());
        let changed = |(child, state): &(&String, &String)| before.get(*child) != Some(state);
        let changed: Vec<String> = now_seen
            .iter()
            .filter(changed)
            .map(|(child, _)| child.clone())
            .collect();
        let Some(first) = changed.first() else {
            return false;
        };
        composite.pending.retain(|child| !changed.contains(child));
        composite.pending.splice(0..0, changed.iter().cloned());
        if composite.alarm.state_value.as_deref() == Some(value) {
            return false;
        }
        let pending = std::mem::take(&mut composite.pending);
        let now = self.place.clock.now();
        let reason = format!(
            "{} transitioned to {} at {}",
            self.arn(first),
            now_seen.get(first).map_or("", String::as_str),
            now.strftime("%A %d %B, %Y %H:%M:%S UTC")
        );
        let data = self.triggers(name, value, Some(&pending));
        self.transition_composite(name, State::new(value, &reason, Some(data), now));
        true
    }

    /// The states of a composite's alarms, and what its rule makes of them.
    fn ruled(&self, name: &str) -> (BTreeMap<String, String>, &'static str) {
        let Some(composite) = self.composites.get(name) else {
            return (BTreeMap::new(), OK);
        };
        let value_of = |child: &str| self.state_of(child).map(|state| state.value);
        let children = composite.rule.alarms().into_iter();
        let seen = children
            .filter_map(|child| Some((child.to_owned(), value_of(child)?)))
            .collect();
        let value = if composite.rule.holds(&value_of) {
            ALARM
        } else {
            OK
        };
        (seen, value)
    }

    /// `StateReasonData` of a composite alarm: which of its alarms speak for its state. All that do, or
    /// those among `changed`.
    fn triggers(&self, name: &str, value: &str, changed: Option<&[String]>) -> String {
        let value_of = |child: &str| self.state_of(child).map(|state| state.value);
        let rule = self.composites.get(name).map(|composite| &composite.rule);
        let agreeing = rule.map_or_else(Vec::new, |rule| rule.agreeing(value == ALARM, &value_of));
        let children: Vec<&str> = match changed {
            None => agreeing,
            Some(changed) => {
                let changed = changed.iter().map(String::as_str);
                changed.filter(|child| agreeing.contains(child)).collect()
            }
        };
        let alarms: Vec<serde_json::Value> = children
            .into_iter()
            .filter_map(|child| Some((child, self.state_of(child)?)))
            .map(|(child, state)| {
                let timestamp = written(self.changed_at(child).unwrap_or(state.at));
                json!({ "arn": self.arn(child), "state": { "value": state.value, "timestamp": timestamp } })
            })
            .collect();
        json!({ "triggeringAlarms": alarms }).to_string()
    }

    fn changed_at(&self, name: &str) -> Option<jiff::Timestamp> {
        let metric = self
            .alarms
            .get(name)
            .map(|alarm| alarm.state_transitioned_timestamp);
        let composite = self.composites.get(name);
        let seconds = metric.or_else(|| composite.map(|known| known.alarm.state_transitioned_timestamp))?;
        Some(time(seconds))
    }
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("ValidationError", message)
}
