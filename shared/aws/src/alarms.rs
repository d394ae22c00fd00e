//! Migration alarms, read back from CloudWatch.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use cutover_core::error::chain;
use cutover_core::observation::{AlarmSeen, AlarmState};
use cutover_core::ports::Alarms;
use cutover_core::replication::Seen;

use crate::call_error::port_error;
use crate::config::AlarmRule;

#[derive(Debug, Clone)]
pub struct MigrationAlarms {
    client: Client,
    rules: Vec<AlarmRule>,
}

impl MigrationAlarms {
    #[must_use]
    pub fn new(client: Client, rules: &[AlarmRule]) -> Self {
        Self {
            client,
            rules: rules.to_vec(),
        }
    }
}

impl Alarms for MigrationAlarms {
    /// An alarm that does not exist is `Absent`, not OK.
    async fn read(&self) -> Seen<Vec<AlarmSeen>> {
        if self.rules.is_empty() {
            return Seen::Known(Vec::new());
        }
        let names = self.rules.iter().map(|rule| rule.name.clone()).collect();
        let request = self.client.describe_alarms().set_alarm_names(Some(names));
        let request = request
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm);
        let output = match request.send().await {
            Ok(output) => output,
            Err(error) => return Seen::Unknown(chain(&port_error("cloudwatch:DescribeAlarms", &error))),
        };
        let metric = output
            .metric_alarms()
            .iter()
            .map(|alarm| (alarm.alarm_name(), alarm.state_value()));
        let composite = output
            .composite_alarms()
            .iter()
            .map(|alarm| (alarm.alarm_name(), alarm.state_value()));
        let states: Vec<(Option<&str>, Option<&StateValue>)> = metric.chain(composite).collect();
        let seen = |rule: &AlarmRule| {
            let found = states.iter().find(|(name, _)| *name == Some(rule.name.as_str()));
            let state = found.map_or(AlarmState::Absent, |(_, state)| alarm_state(*state));
            AlarmSeen {
                name: rule.name.clone(),
                policy: rule.policy,
                state,
            }
        };
        Seen::Known(self.rules.iter().map(seen).collect())
    }
}

fn alarm_state(state: Option<&StateValue>) -> AlarmState {
    match state {
        Some(StateValue::Ok) => AlarmState::Ok,
        Some(StateValue::Alarm) => AlarmState::Alarm,
        Some(_) | None => AlarmState::InsufficientData,
    }
}
