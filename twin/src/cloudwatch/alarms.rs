//! Defining metric alarms.

use winterbaume_cloudwatch::model::{MetricAlarm, MetricDataQuery, PutMetricAlarmInput};

use super::CloudWatch;
use super::expression;
use super::reading::{Window, check_statistic};
use super::state::INSUFFICIENT_DATA;
use super::verdict::{Comparison, Missing};
use crate::error::AwsError;
use crate::reply::epoch_seconds;

/// An alarm looks back at most this far.
const EVALUATED_SECONDS_MAX: i64 = 86_400;
/// With periods of an hour or more, it may look back this far.
const EVALUATED_SECONDS_MAX_BY_THE_HOUR: i64 = 604_800;
const HOUR_SECONDS: i64 = 3_600;
const MINUTE_SECONDS: i64 = 60;

impl CloudWatch {
    pub(super) fn put_metric_alarm(&mut self, request: &PutMetricAlarmInput) -> Result<(), AwsError> {
        self.check(request)?;
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
            state_value: Some(INSUFFICIENT_DATA.to_owned()),
            ..MetricAlarm::default()
        });
        let alarm = MetricAlarm {
            actions_enabled: definition.actions_enabled.or(Some(true)),
            alarm_arn: Some(self.arn(&name)),
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

    fn check(&self, request: &PutMetricAlarmInput) -> Result<(), AwsError> {
        if request.alarm_name.is_empty()
            || request.comparison_operator.is_empty()
            || request.evaluation_periods < 1
        {
            return Err(invalid(
                "AlarmName, ComparisonOperator and EvaluationPeriods are required.",
            ));
        }
        if self.composites.contains_key(&request.alarm_name) {
            return Err(invalid("AlarmName must be new, or that of a metric alarm."));
        }
        if Comparison::read(&request.comparison_operator).is_none() {
            let message = format!(
                "the twin does not implement the comparison {}",
                request.comparison_operator
            );
            return Err(AwsError::refused("InvalidAction", message));
        }
        if request.threshold.is_none() {
            return Err(invalid("Threshold must be specified."));
        }
        if let (None, Some(other)) = (
            Missing::read(request.treat_missing_data.as_deref()),
            &request.treat_missing_data,
        ) {
            return Err(invalid(&format!(
                "The value {other} is not supported for TreatMissingData parameter. Supported values are \
                 [breaching, notBreaching, ignore, missing]."
            )));
        }
        if request
            .datapoints_to_alarm
            .is_some_and(|needed| !(1..=request.evaluation_periods).contains(&needed))
        {
            return Err(invalid(
                "DatapointsToAlarm must be between 1 and EvaluationPeriods.",
            ));
        }
        let period = match request.metrics.as_deref().filter(|metrics| !metrics.is_empty()) {
            Some(queries) => self.check_queries(queries)?,
            None => check_metric(request)?,
        };
        let most = if period < HOUR_SECONDS {
            EVALUATED_SECONDS_MAX
        } else {
            EVALUATED_SECONDS_MAX_BY_THE_HOUR
        };
        if period.saturating_mul(i64::from(request.evaluation_periods)) > most {
            return Err(invalid(&format!(
                "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= {most})."
            )));
        }
        Ok(())
    }

    /// The queries of an alarm must come to one series. Answers with their period.
    fn check_queries(&self, queries: &[MetricDataQuery]) -> Result<i64, AwsError> {
        let returned = queries.iter().filter(|query| query.return_data != Some(false));
        if returned.count() != 1 {
            return Err(invalid(
                "Exactly one element of the metrics list should return data.",
            ));
        }
        let expressions = queries.iter().filter_map(|query| query.expression.as_deref());
        if expressions
            .into_iter()
            .any(|text| expression::calls(text, "SEARCH"))
        {
            return Err(invalid("SEARCH is not supported on Metric Alarms"));
        }
        let period = super::evaluation::period_of(queries);
        let period = period.ok_or_else(|| invalid("Period must not be null"))?;
        let window = Window::ending_at(self.place.clock.now(), period);
        if self.lines(queries, window)?.len() > 1 {
            return Err(invalid(
                "Metrics expression that return multi time series are only allowed for MetricsInsights expression \
                 with an ORDER BY clause",
            ));
        }
        Ok(period)
    }
}

/// An alarm on one metric names it whole. Answers with its period.
fn check_metric(request: &PutMetricAlarmInput) -> Result<i64, AwsError> {
    let statistic = request
        .statistic
        .as_deref()
        .or(request.extended_statistic.as_deref());
    let (Some(statistic), Some(period), Some(_), Some(_)) = (
        statistic,
        request.period,
        &request.metric_name,
        &request.namespace,
    ) else {
        return Err(invalid(
            "MetricName, Namespace, Period and Statistic must be specified, or Metrics instead.",
        ));
    };
    check_statistic(statistic, &request.alarm_name)?;
    let period = i64::from(period);
    if period < MINUTE_SECONDS || period % MINUTE_SECONDS != 0 {
        let message = format!("the twin does not implement periods of {period} seconds");
        return Err(AwsError::refused("InvalidAction", message));
    }
    Ok(period)
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("ValidationError", message)
}
