//! Migration alarms, read back from CloudWatch.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{
    ActionsSuppressedBy, AlarmType, CompositeAlarm, MetricAlarm, MetricDataQuery, ScanBy, StateValue,
};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_types::DateTime;
use cutover_core::error::{PortError, chain};
use cutover_core::observation::{AlarmSeen, AlarmState, LimitSeen};
use cutover_core::ports::Alarms;
use cutover_core::replication::Seen;

use crate::call_error::port_error;
use crate::config::{AlarmRule, LimitRule};
use crate::lag::whole_up;

#[derive(Debug, Clone)]
pub struct MigrationAlarms {
    client: Client,
    rules: Vec<AlarmRule>,
    limits: Vec<LimitRule>,
    time: SharedTimeSource,
}

/// An expression is judged by its newest value within so many seconds.
const LIMIT_WINDOW_SECONDS: i64 = 300;
/// Its values are for periods of so many seconds.
const LIMIT_PERIOD_SECONDS: i32 = 60;

impl MigrationAlarms {
    #[must_use]
    pub fn new(client: Client, rules: &[AlarmRule], limits: &[LimitRule], time: SharedTimeSource) -> Self {
        Self {
            client,
            rules: rules.to_vec(),
            limits: limits.to_vec(),
            time,
        }
    }

    /// The newest value of each expression, in whole percent rounded up.
    async fn percents(&self) -> Result<Vec<Option<u64>>, PortError> {
        let end = DateTime::from(self.time.now());
        let start = DateTime::from_secs(end.secs() - LIMIT_WINDOW_SECONDS);
        let id = |index: usize| format!("limit{index}");
        let mut request = self.client.get_metric_data().start_time(start).end_time(end);
        for (index, limit) in self.limits.iter().enumerate() {
            let query = MetricDataQuery::builder()
                .id(id(index))
                .expression(&limit.expression)
                .period(LIMIT_PERIOD_SECONDS)
                .return_data(true);
            request = request.metric_data_queries(query.build());
        }
        let output = request.scan_by(ScanBy::TimestampDescending).send().await;
        let output = output.map_err(|error| port_error("cloudwatch:GetMetricData of the limits", &error))?;
        let newest = |index: usize| {
            let found = output.metric_data_results().iter();
            let mut found = found.filter(|result| result.id() == Some(id(index).as_str()));
            let points = |result: &aws_sdk_cloudwatch::types::MetricDataResult| {
                let times = result.timestamps().iter().map(DateTime::secs);
                let pairs: Vec<(i64, f64)> = times.zip(result.values().iter().copied()).collect();
                pairs
            };
            let all = found.by_ref().flat_map(points);
            let (_, value) = all.max_by_key(|(second, _)| *second)?;
            // What has become less is no increase.
            whole_up(value.max(0.0))
        };
        Ok((0..self.limits.len()).map(newest).collect())
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
        let metric = output.metric_alarms().iter().map(of_metric);
        let composite = output.composite_alarms().iter().map(of_composite);
        let found: Vec<(Option<&str>, AlarmState, bool)> = metric.chain(composite).collect();
        let seen = |rule: &AlarmRule| {
            let found = found
                .iter()
                .find(|(name, _, _)| *name == Some(rule.name.as_str()));
            let (state, suppressed) = found.map_or((AlarmState::Absent, false), |(_, state, suppressed)| {
                (*state, *suppressed)
            });
            AlarmSeen {
                name: rule.name.clone(),
                policy: rule.policy,
                state,
                suppressed,
            }
        };
        Seen::Known(self.rules.iter().map(seen).collect())
    }

    async fn limits(&self) -> Vec<LimitSeen> {
        if self.limits.is_empty() {
            return Vec::new();
        }
        let answer = self.percents().await;
        let percent = |index: usize| match &answer {
            Ok(percents) => match percents.get(index).copied().flatten() {
                Some(percent) => Seen::Known(percent),
                None => Seen::Unknown(format!("no data in the last {LIMIT_WINDOW_SECONDS} s")),
            },
            Err(error) => Seen::Unknown(chain(error)),
        };
        let limits = self.limits.iter().enumerate();
        limits
            .map(|(index, limit)| LimitSeen {
                name: limit.name,
                percent: percent(index),
                percent_max: limit.percent_max,
            })
            .collect()
    }
}

fn of_metric(alarm: &MetricAlarm) -> (Option<&str>, AlarmState, bool) {
    (alarm.alarm_name(), alarm_state(alarm.state_value()), false)
}

/// The state of a composite is told even while its actions are suppressed.
fn of_composite(alarm: &CompositeAlarm) -> (Option<&str>, AlarmState, bool) {
    let state = alarm_state(alarm.state_value());
    (alarm.alarm_name(), state, is_suppressed(alarm))
}

pub(crate) fn is_suppressed(alarm: &CompositeAlarm) -> bool {
    alarm
        .actions_suppressed_by()
        .is_some_and(|by: &ActionsSuppressedBy| !by.as_str().is_empty())
}

pub(crate) fn alarm_state(state: Option<&StateValue>) -> AlarmState {
    match state {
        Some(StateValue::Ok) => AlarmState::Ok,
        Some(StateValue::Alarm) => AlarmState::Alarm,
        Some(_) | None => AlarmState::InsufficientData,
    }
}
