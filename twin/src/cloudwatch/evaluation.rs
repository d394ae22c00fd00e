//! Evaluating metric alarms: from the data of their metrics to their states.

use std::collections::BTreeMap;

use jiff::Timestamp;
use winterbaume_cloudwatch::model::{Metric, MetricAlarm, MetricDataQuery};

use super::CloudWatch;
use super::reading::{Window, key_of};
use super::reasons::{self, Measure};
use super::series::running_minute;
use super::state::State;
use super::verdict::{self, Comparison, Condition, Datapoint, Missing};

impl CloudWatch {
    /// Evaluates every alarm as of the whole minute that is running. Only periods that are over count.
    pub(crate) fn evaluate_alarms(&mut self) {
        let now = self.place.clock.now();
        let found: Vec<(String, State)> = self
            .alarms
            .iter()
            .filter_map(|(name, alarm)| Some((name.clone(), self.evaluated(alarm, now)?)))
            .collect();
        for (name, state) in found {
            self.change_state(&name, state);
        }
        self.settle_composites();
    }

    /// The alarm's new state. None if it stays as it is, and for an alarm that watches nothing.
    fn evaluated(&self, alarm: &MetricAlarm, now: Timestamp) -> Option<State> {
        let condition = condition(alarm)?;
        let measure = measure(alarm)?;
        let until = running_minute(now);
        let range = condition.periods.saturating_add(verdict::OLDER_PERIODS);
        let seconds = measure.period_seconds.saturating_mul(i64::try_from(range).ok()?);
        let known = self.datapoints_of(alarm, &measure, Window::ending_at(until, seconds))?;
        let first = until.as_second() - measure.period_seconds;
        let begins = std::iter::successors(Some(first), |second| second.checked_sub(measure.period_seconds));
        let range: Vec<Option<Datapoint>> = begins
            .take(range)
            .map(|second| known.get(&second).copied())
            .collect();
        let verdict = verdict::judge(&condition, &range)?;
        if alarm.state_value.as_deref() == Some(verdict.value) {
            return None;
        }
        let data = reasons::data(&measure, condition.threshold, &verdict, now);
        Some(State::new(verdict.value, &verdict.reason, Some(data), now))
    }

    /// What the alarm watches, by the second that each period begins at.
    fn datapoints_of(
        &self,
        alarm: &MetricAlarm,
        measure: &Measure<'_>,
        window: Window,
    ) -> Option<BTreeMap<i64, Datapoint>> {
        let keyed = |point: Datapoint| (point.second, point);
        if let Some(queries) = expressions(alarm) {
            let lines = self.lines(queries, window).ok()?;
            let points = lines.into_iter().flat_map(|(_, line)| line.points);
            let points = points.map(|(second, value)| Datapoint {
                second,
                value,
                samples: None,
            });
            return Some(points.map(keyed).collect());
        }
        let statistic = measure.statistic?;
        let key = key_of(&metric_of(alarm));
        let summaries = self.summaries(&key, measure.period_seconds, measure.unit, window);
        let points = summaries.into_iter().filter_map(|(second, summary)| {
            Some(Datapoint {
                second,
                value: summary.statistic(statistic)?,
                samples: Some(summary.count),
            })
        });
        Some(points.map(keyed).collect())
    }
}

/// The queries of an alarm on metric math.
pub(super) fn expressions(alarm: &MetricAlarm) -> Option<&[MetricDataQuery]> {
    alarm.metrics.as_deref().filter(|queries| !queries.is_empty())
}

/// The one metric of any other alarm.
pub(super) fn metric_of(alarm: &MetricAlarm) -> Metric {
    Metric {
        dimensions: alarm.dimensions.clone(),
        metric_name: alarm.metric_name.clone(),
        namespace: alarm.namespace.clone(),
    }
}

/// The longest period of the queries: an expression has a value as often as its slowest metric.
pub(super) fn period_of(queries: &[MetricDataQuery]) -> Option<i64> {
    let periods = queries.iter().filter_map(|query| {
        query
            .metric_stat
            .as_ref()
            .map(|stat| stat.period)
            .or(query.period)
    });
    periods.max().map(i64::from).filter(|seconds| *seconds > 0)
}

fn measure(alarm: &MetricAlarm) -> Option<Measure<'_>> {
    if let Some(queries) = expressions(alarm) {
        return Some(Measure {
            statistic: None,
            unit: None,
            period_seconds: period_of(queries)?,
        });
    }
    alarm.metric_name.as_ref()?;
    Some(Measure {
        statistic: Some(alarm.statistic.as_deref()?),
        unit: alarm.unit.as_deref(),
        period_seconds: alarm.period.map(i64::from).filter(|seconds| *seconds > 0)?,
    })
}

fn condition(alarm: &MetricAlarm) -> Option<Condition> {
    let needed = alarm.datapoints_to_alarm;
    Some(Condition {
        comparison: Comparison::read(alarm.comparison_operator.as_deref()?)?,
        threshold: alarm.threshold?,
        periods: usize::try_from(alarm.evaluation_periods?).ok()?,
        needed: needed.and_then(|count| usize::try_from(count).ok()),
        missing: Missing::read(alarm.treat_missing_data.as_deref())?,
    })
}
