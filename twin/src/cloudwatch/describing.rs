//! Describing and deleting alarms of both kinds.

use std::collections::BTreeMap;

use winterbaume_cloudwatch::model::{DescribeAlarmsInput, DescribeAlarmsOutput};

use super::CloudWatch;
use super::telling::Alarm;
use crate::error::AwsError;

const RECORDS_MAX: i32 = 100;
const RECORDS_DEFAULT: i32 = 50;
const NAMES_MAX: usize = 100;

impl CloudWatch {
    pub(super) fn describe(&self, request: &DescribeAlarmsInput) -> Result<DescribeAlarmsOutput, AwsError> {
        let names = request.alarm_names.as_deref().filter(|names| !names.is_empty());
        if names.is_some_and(|names| names.len() > NAMES_MAX) {
            return Err(invalid(&format!(
                "At most {NAMES_MAX} alarm names can be asked for."
            )));
        }
        let unknown = [
            ("ActionPrefix", &request.action_prefix),
            ("ChildrenOfAlarmName", &request.children_of_alarm_name),
            ("ParentsOfAlarmName", &request.parents_of_alarm_name),
        ];
        if let Some((parameter, _)) = unknown.iter().find(|(_, value)| value.is_some()) {
            let message = format!("the twin does not implement {parameter}");
            return Err(AwsError::refused("InvalidAction", message));
        }
        let limit = limit(request.max_records)?;
        let wanted = |name: &str, state: Option<&String>| {
            let prefix = request.alarm_name_prefix.as_deref();
            names.is_none_or(|names| names.iter().any(|wanted| wanted == name))
                && prefix.is_none_or(|prefix| name.starts_with(prefix))
                && (request.state_value.is_none() || request.state_value.as_ref() == state)
        };
        let after = request.next_token.as_deref();
        let mut rest = self
            .alarms_of(request.alarm_types.as_deref().unwrap_or_default())
            .into_iter()
            .filter(|(name, alarm)| wanted(name, alarm.state_value()))
            .filter(|(name, _)| after.is_none_or(|after| *name > after));
        let (mut metric_alarms, mut composite_alarms) = (Vec::new(), Vec::new());
        let mut last = None;
        for (name, alarm) in rest.by_ref().take(limit) {
            last = Some(name.to_owned());
            match alarm {
                Alarm::Metric(alarm) => metric_alarms.push(alarm.clone()),
                Alarm::Composite(alarm) => composite_alarms.push(alarm.clone()),
            }
        }
        Ok(DescribeAlarmsOutput {
            composite_alarms: Some(composite_alarms),
            metric_alarms: Some(metric_alarms),
            next_token: rest.next().and(last),
        })
    }

    /// The alarms of these types by name. Who names no type gets metric alarms only.
    fn alarms_of(&self, types: &[String]) -> BTreeMap<&str, Alarm<'_>> {
        let asks = |wanted: &str| types.iter().any(|name| name == wanted);
        let mut alarms = BTreeMap::new();
        if types.is_empty() || asks("MetricAlarm") {
            let metric = self.alarms.iter();
            alarms.extend(metric.map(|(name, alarm)| (name.as_str(), Alarm::Metric(alarm))));
        }
        if asks("CompositeAlarm") {
            let composite = self.composites.iter();
            alarms.extend(composite.map(|(name, known)| (name.as_str(), Alarm::Composite(&known.alarm))));
        }
        alarms
    }

    /// Deletes alarms. Names that are none are passed over, as the API reference has it.
    pub(super) fn delete_alarms(&mut self, names: &[String]) -> Result<(), AwsError> {
        let composites = names
            .iter()
            .filter(|name| self.composites.contains_key(*name))
            .count();
        if composites > 1 {
            return Err(invalid(&format!(
                "Cannot delete [{composites}] Composite Alarms as only one composite alarm delete is allowed in \
                 single request"
            )));
        }
        let needed = |name: &&String| {
            self.composites
                .values()
                .any(|composite| composite.asks_about(name))
        };
        if let Some(name) = names.iter().find(needed) {
            return Err(invalid(&format!(
                "Cannot delete {name} as there are composite alarm(s) depending on it."
            )));
        }
        self.alarms.retain(|name, _| !names.contains(name));
        self.composites.retain(|name, _| !names.contains(name));
        Ok(())
    }
}

impl Alarm<'_> {
    fn state_value(&self) -> Option<&String> {
        match self {
            Self::Metric(alarm) => alarm.state_value.as_ref(),
            Self::Composite(alarm) => alarm.state_value.as_ref(),
        }
    }
}

fn limit(asked: Option<i32>) -> Result<usize, AwsError> {
    let asked = asked.unwrap_or(RECORDS_DEFAULT);
    let fits = (1..=RECORDS_MAX).contains(&asked);
    let limit = usize::try_from(asked).ok().filter(|_| fits);
    limit.ok_or_else(|| invalid(&format!("MaxRecords must be between 1 and {RECORDS_MAX}.")))
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("ValidationError", message)
}
