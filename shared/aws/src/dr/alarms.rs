//! The alarms that vote, and the witness in a third region, as CloudWatch has them now.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, MetricStat};
use aws_smithy_types::DateTime;
use cutover_core::dr::observation::{AlarmSeen, Far};
use cutover_core::dr::ports::DrAlarms;
use cutover_core::observation::AlarmState;
use jiff::Timestamp;

use super::far::far;
use crate::alarms::{alarm_state, is_suppressed};
use crate::clients::DrClients;
use crate::config::dr::DrConfig;

#[derive(Debug, Clone)]
pub struct VotingAlarms {
    here: Client,
    names: Vec<String>,
    witness: Option<(Client, String)>,
}

/// What one of them says of itself.
#[derive(Debug, Clone, Copy)]
struct Found {
    state: AlarmState,
    suppressed: bool,
    since: Option<Timestamp>,
    window_seconds: u64,
}

impl VotingAlarms {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig) -> Self {
        let client = clients.witness.clone();
        let name = config.witness.as_ref().map(|witness| witness.name.clone());
        Self {
            here: clients.cloudwatch.clone(),
            names: config.alarms.clone(),
            witness: client.zip(name),
        }
    }

    async fn voters(&self) -> Vec<AlarmSeen> {
        if self.names.is_empty() {
            return Vec::new();
        }
        read(&self.here, &self.names, false).await
    }

    async fn witness(&self) -> Vec<AlarmSeen> {
        match &self.witness {
            Some((client, name)) => read(client, std::slice::from_ref(name), true).await,
            None => Vec::new(),
        }
    }
}

impl DrAlarms for VotingAlarms {
    async fn read(&self) -> Vec<AlarmSeen> {
        let (mut voters, witness) = tokio::join!(self.voters(), self.witness());
        voters.extend(witness);
        voters
    }
}

/// One call for all of them.
async fn read(client: &Client, names: &[String], is_witness: bool) -> Vec<AlarmSeen> {
    let request = client.describe_alarms().set_alarm_names(Some(names.to_vec()));
    let request = request
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm);
    let answer = far("cloudwatch:DescribeAlarms", request.send().await);
    names.iter().map(|name| seen(name, is_witness, &answer)).collect()
}

/// An alarm that does not exist is `Absent`, not OK.
fn seen(name: &str, is_witness: bool, answer: &Far<DescribeAlarmsOutput>) -> AlarmSeen {
    let nothing = |state| AlarmSeen {
        name: name.to_owned(),
        is_witness,
        state,
        suppressed: false,
        since: None,
        window_seconds: 0,
    };
    match answer {
        Far::Known(output) => match found(output).get(name) {
            Some(found) => AlarmSeen {
                suppressed: found.suppressed,
                since: found.since,
                window_seconds: found.window_seconds,
                ..nothing(Far::Known(found.state))
            },
            None => nothing(Far::Known(AlarmState::Absent)),
        },
        Far::Unreachable(why) => nothing(Far::Unreachable(why.clone())),
        Far::Unknown(why) => nothing(Far::Unknown(why.clone())),
    }
}

fn found(output: &DescribeAlarmsOutput) -> BTreeMap<&str, Found> {
    let metric = output.metric_alarms().iter();
    let metric = metric.filter_map(|alarm| Some((alarm.alarm_name()?, of_metric(alarm))));
    let composite = output.composite_alarms().iter();
    let composite = composite.filter_map(|alarm| Some((alarm.alarm_name()?, of_composite(alarm))));
    metric.chain(composite).collect()
}

fn of_metric(alarm: &MetricAlarm) -> Found {
    Found {
        state: alarm_state(alarm.state_value()),
        suppressed: false,
        since: since(
            alarm.state_transitioned_timestamp(),
            alarm.state_updated_timestamp(),
        ),
        window_seconds: window_seconds(alarm),
    }
}

fn of_composite(alarm: &CompositeAlarm) -> Found {
    Found {
        state: alarm_state(alarm.state_value()),
        suppressed: is_suppressed(alarm),
        since: since(
            alarm.state_transitioned_timestamp(),
            alarm.state_updated_timestamp(),
        ),
        window_seconds: 0,
    }
}

/// The second moment moves whenever the reason changes, so it only stands in for the first.
fn since(transitioned: Option<&DateTime>, updated: Option<&DateTime>) -> Option<Timestamp> {
    let moment = transitioned.or(updated)?;
    Timestamp::from_second(moment.secs()).ok()
}

/// Its period times the periods that must be bad. An expression has the longest period of what it is made of.
fn window_seconds(alarm: &MetricAlarm) -> u64 {
    let of_expression = || {
        let periods = alarm.metrics().iter().filter_map(|query| {
            let of_metric = query.metric_stat().and_then(MetricStat::period);
            of_metric.or_else(|| query.period())
        });
        periods.max()
    };
    let period = alarm.period().or_else(of_expression).unwrap_or_default();
    let periods = alarm.datapoints_to_alarm().or_else(|| alarm.evaluation_periods());
    let seconds = i64::from(period) * i64::from(periods.unwrap_or_default());
    u64::try_from(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
    use aws_sdk_cloudwatch::types::{
        ActionsSuppressedBy, CompositeAlarm, MetricAlarm, MetricDataQuery, StateValue,
    };
    use aws_smithy_types::DateTime;
    use cutover_core::dr::observation::{AlarmSeen, Far};
    use cutover_core::observation::AlarmState;

    use super::seen;

    fn ask(output: DescribeAlarmsOutput) -> AlarmSeen {
        seen("canary", false, &Far::Known(output))
    }

    fn of(alarm: MetricAlarm) -> AlarmSeen {
        ask(DescribeAlarmsOutput::builder().metric_alarms(alarm).build())
    }

    #[test]
    fn the_window_is_the_time_of_the_periods_that_must_be_bad() {
        let alarm = || MetricAlarm::builder().alarm_name("canary").evaluation_periods(5);
        assert_eq!(of(alarm().period(60).build()).window_seconds, 300);
        let three_of_five = alarm().period(60).datapoints_to_alarm(3).build();
        assert_eq!(of(three_of_five).window_seconds, 180);
        let query = |period| MetricDataQuery::builder().id("m").period(period).build();
        let expression = alarm().metrics(query(10)).metrics(query(60)).build();
        assert_eq!(of(expression).window_seconds, 300);
        assert_eq!(of(alarm().build()).window_seconds, 0);
    }

    #[test]
    fn it_stands_since_its_transition_and_not_since_its_reason_changed() {
        let alarm = MetricAlarm::builder()
            .alarm_name("canary")
            .state_value(StateValue::Alarm)
            .state_transitioned_timestamp(DateTime::from_secs(60))
            .state_updated_timestamp(DateTime::from_secs(120));
        let alarm = of(alarm.build());
        assert_eq!(alarm.since.unwrap().as_second(), 60);
        assert_eq!(alarm.state, Far::Known(AlarmState::Alarm));
    }

    #[test]
    fn a_composite_tells_its_state_and_that_it_is_suppressed() {
        let alarm = CompositeAlarm::builder()
            .alarm_name("canary")
            .state_value(StateValue::Alarm)
            .state_updated_timestamp(DateTime::from_secs(120))
            .actions_suppressed_by(ActionsSuppressedBy::Alarm);
        let alarm = ask(DescribeAlarmsOutput::builder()
            .composite_alarms(alarm.build())
            .build());
        assert!(alarm.suppressed);
        assert_eq!((alarm.window_seconds, alarm.since.unwrap().as_second()), (0, 120));
    }

    #[test]
    fn one_that_is_not_there_is_absent_and_one_that_cannot_be_read_says_why() {
        let other = MetricAlarm::builder().alarm_name("other").build();
        assert_eq!(of(other).state, Far::Known(AlarmState::Absent));
        let dark = Far::Unreachable("no answer".to_owned());
        assert_eq!(
            seen("canary", true, &dark).state,
            Far::Unreachable("no answer".to_owned())
        );
    }
}
