//! Alarms: defined, described, and put into a state by hand. The twin does not evaluate them itself.

use winterbaume_cloudwatch::model::{
    DescribeAlarmsInput, DescribeAlarmsOutput, MetricAlarm, PutMetricAlarmInput, SetAlarmStateInput,
};

use super::CloudWatch;
use crate::error::AwsError;
use crate::reply::epoch_seconds;

const RECORDS_MAX: i32 = 100;
const RECORDS_DEFAULT: i32 = 50;
const NAMES_MAX: usize = 100;

impl CloudWatch {
    pub(super) fn put_metric_alarm(&mut self, request: &PutMetricAlarmInput) -> Result<(), AwsError> {
        if request.alarm_name.is_empty()
            || request.comparison_operator.is_empty()
            || request.evaluation_periods < 1
        {
            return Err(invalid(
                "AlarmName, ComparisonOperator and EvaluationPeriods are required.",
            ));
        }
        let request = request.clone();
        self.put_alarm(MetricAlarm {
            actions_enabled: request.actions_enabled,
            alarm_actions: request.alarm_actions,
            alarm_description: request.alarm_description,
            alarm_name: Some(request.alarm_name),
            comparison_operator: Some(request.comparison_operator),
            datapoints_to_alarm: request.datapoints_to_alarm,
            dimensions: request.dimensions,
            evaluation_periods: Some(request.evaluation_periods),
            extended_statistic: request.extended_statistic,
            insufficient_data_actions: request.insufficient_data_actions,
            metric_name: request.metric_name,
            metrics: request.metrics,
            namespace: request.namespace,
            o_k_actions: request.o_k_actions,
            period: request.period,
            statistic: request.statistic,
            threshold: request.threshold,
            threshold_metric_id: request.threshold_metric_id,
            treat_missing_data: request.treat_missing_data,
            unit: request.unit,
            ..MetricAlarm::default()
        });
        Ok(())
    }

    /// Stores a definition. A new alarm has no data yet; a known one keeps its state.
    pub(super) fn put_alarm(&mut self, definition: MetricAlarm) {
        let name = definition.alarm_name.clone().unwrap_or_default();
        let now = Some(epoch_seconds(self.place.clock.now()));
        let known = self.alarms.get(&name).cloned().unwrap_or_else(|| MetricAlarm {
            state_reason: Some("Unchecked: Initial alarm creation".to_owned()),
            state_transitioned_timestamp: now,
            state_updated_timestamp: now,
            state_value: Some("INSUFFICIENT_DATA".to_owned()),
            ..MetricAlarm::default()
        });
        let arn = format!(
            "arn:aws:cloudwatch:{}:{}:alarm:{name}",
            self.place.region, self.place.account
        );
        let alarm = MetricAlarm {
            actions_enabled: definition.actions_enabled.or(Some(true)),
            alarm_arn: Some(arn),
            alarm_configuration_updated_timestamp: now,
            state_reason: known.state_reason,
            state_reason_data: known.state_reason_data,
            state_transitioned_timestamp: known.state_transitioned_timestamp,
            state_updated_timestamp: known.state_updated_timestamp,
            state_value: known.state_value,
            ..definition
        };
        self.alarms.insert(name, alarm);
    }

    pub(super) fn set_state(&mut self, request: &SetAlarmStateInput) -> Result<(), AwsError> {
        let state = request.state_value.as_str();
        if !matches!(state, "OK" | "ALARM" | "INSUFFICIENT_DATA") {
            return Err(invalid(&format!(
                "1 validation error detected: Value '{state}' at 'stateValue' failed to satisfy constraint: Member \
                 must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
            )));
        }
        let data = request.state_reason_data.as_deref();
        if self.change_state(&request.alarm_name, state, &request.state_reason, data) {
            return Ok(());
        }
        Err(AwsError::new(
            404,
            "ResourceNotFound",
            format!("No alarm named {} exists.", request.alarm_name),
        ))
    }

    pub(super) fn change_state(&mut self, name: &str, state: &str, reason: &str, data: Option<&str>) -> bool {
        let now = Some(epoch_seconds(self.place.clock.now()));
        let Some(alarm) = self.alarms.get_mut(name) else {
            return false;
        };
        if alarm.state_value.as_deref() != Some(state) {
            alarm.state_transitioned_timestamp = now;
        }
        alarm.state_value = Some(state.to_owned());
        alarm.state_reason = Some(reason.to_owned());
        alarm.state_reason_data = data.map(str::to_owned);
        alarm.state_updated_timestamp = now;
        true
    }

    pub(super) fn delete_alarms(&mut self, names: &[String]) -> Result<(), AwsError> {
        if let Some(unknown) = names.iter().find(|name| !self.alarms.contains_key(*name)) {
            return Err(AwsError::new(
                404,
                "ResourceNotFound",
                format!("No alarm named {unknown} exists."),
            ));
        }
        self.alarms.retain(|name, _| !names.contains(name));
        Ok(())
    }

    pub(super) fn describe(&self, request: &DescribeAlarmsInput) -> Result<DescribeAlarmsOutput, AwsError> {
        let names = request.alarm_names.as_deref().filter(|names| !names.is_empty());
        if names.is_some_and(|names| names.len() > NAMES_MAX) {
            return Err(invalid(&format!(
                "At most {NAMES_MAX} alarm names can be asked for."
            )));
        }
        let asked = request.max_records.unwrap_or(RECORDS_DEFAULT);
        let limit = usize::try_from(asked)
            .ok()
            .filter(|_| (1..=RECORDS_MAX).contains(&asked));
        let limit =
            limit.ok_or_else(|| invalid(&format!("MaxRecords must be between 1 and {RECORDS_MAX}.")))?;
        // Without a type, CloudWatch describes metric alarms only; the twin has no composite ones.
        let types = request.alarm_types.as_deref().filter(|types| !types.is_empty());
        let metric_alarms = types.is_none_or(|types| types.iter().any(|name| name == "MetricAlarm"));
        let matches = |name: &str, alarm: &MetricAlarm| {
            metric_alarms
                && names.is_none_or(|names| names.iter().any(|wanted| wanted == name))
                && request
                    .alarm_name_prefix
                    .as_ref()
                    .is_none_or(|prefix| name.starts_with(prefix.as_str()))
                && request
                    .state_value
                    .as_ref()
                    .is_none_or(|state| alarm.state_value.as_ref() == Some(state))
        };
        let after = request.next_token.as_deref();
        let mut rest = self
            .alarms
            .iter()
            .filter(|(name, alarm)| matches(name, alarm) && after.is_none_or(|after| name.as_str() > after))
            .map(|(_, alarm)| alarm.clone());
        let page: Vec<MetricAlarm> = rest.by_ref().take(limit).collect();
        let last = page.last().and_then(|alarm| alarm.alarm_name.clone());
        Ok(DescribeAlarmsOutput {
            composite_alarms: Some(Vec::new()),
            metric_alarms: Some(page),
            next_token: rest.next().and(last),
        })
    }
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("ValidationError", message)
}
