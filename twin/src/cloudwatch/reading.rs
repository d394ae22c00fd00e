//! Reading metrics: their points put together by period, as one query or as all queries of a request.

use std::collections::BTreeMap;

use jiff::Timestamp;
use winterbaume_cloudwatch::model::{Dimension, Metric, MetricDataQuery, MetricStat};

use super::CloudWatch;
use super::expression::{Line, Scope};
use super::series::{SeriesKey, Summary};
use crate::error::AwsError;

/// The time that is looked at, and how periods lie in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub from: Timestamp,
    pub until: Timestamp,
    /// An epoch second at which a period begins.
    anchor: i64,
}

impl Window {
    /// Periods begin at whole multiples of their length, as `GetMetricData` has them.
    pub(super) fn since_epoch(from: Timestamp, until: Timestamp) -> Self {
        Self {
            from,
            until,
            anchor: 0,
        }
    }

    /// Periods end where the window ends, as an alarm has them.
    pub(super) fn ending_at(until: Timestamp, seconds: i64) -> Self {
        let anchor = until.as_second();
        let from = Timestamp::from_second(anchor.saturating_sub(seconds)).unwrap_or(Timestamp::MIN);
        Self { from, until, anchor }
    }

    /// Where the period begins that a time falls into.
    pub(super) fn bucket(&self, at: Timestamp, period_seconds: i64) -> i64 {
        let second = at.as_second();
        second - (second - self.anchor).rem_euclid(period_seconds)
    }
}

impl CloudWatch {
    /// Every line that the queries return, each with its query.
    pub(super) fn lines<'a>(
        &self,
        queries: &'a [MetricDataQuery],
        window: Window,
    ) -> Result<Vec<(&'a MetricDataQuery, Line)>, AwsError> {
        let scope = Scope::new(self, queries, window);
        let mut all = Vec::new();
        for query in queries {
            let lines = scope.lines(query)?;
            if query.return_data != Some(false) {
                all.extend(lines.into_iter().map(|line| (query, line)));
            }
        }
        Ok(all)
    }

    /// The line of a single metric.
    pub(super) fn metric_line(&self, id: &str, stat: &MetricStat, window: Window) -> Result<Line, AwsError> {
        let period = i64::from(stat.period);
        if period < 1 {
            return Err(invalid(&format!(
                "The parameter Period of query {id} must be greater than 0."
            )));
        }
        check_statistic(&stat.stat, id)?;
        let unit = stat.unit.as_deref();
        let label = stat.metric.metric_name.clone().unwrap_or_default();
        Ok(self.line(&key_of(&stat.metric), label, (&stat.stat, period), unit, window))
    }

    pub(super) fn line(
        &self,
        key: &SeriesKey,
        label: String,
        (stat, period_seconds): (&str, i64),
        unit: Option<&str>,
        window: Window,
    ) -> Line {
        let summaries = self.summaries(key, period_seconds, unit, window);
        let value = |(second, summary): (i64, Summary)| Some((second, summary.statistic(stat)?));
        Line {
            label,
            period_seconds,
            points: summaries.into_iter().filter_map(value).collect(),
        }
    }

    /// What is known of each period that has any points, by the second it begins at.
    pub(super) fn summaries(
        &self,
        key: &SeriesKey,
        period_seconds: i64,
        unit: Option<&str>,
        window: Window,
    ) -> BTreeMap<i64, Summary> {
        let mut buckets: BTreeMap<i64, Summary> = BTreeMap::new();
        let Some(series) = self.series.get(key) else {
            return buckets;
        };
        let from = Timestamp::from_second(window.bucket(window.from, period_seconds)).unwrap_or(window.from);
        let nights = self.place.outages.nights(&self.place.region);
        for point in series.points(from, window.until, self.place.clock.now(), &nights) {
            if unit.is_some() && point.unit.as_deref() != unit {
                continue;
            }
            let summary = buckets.entry(window.bucket(point.at, period_seconds));
            summary
                .and_modify(|sum| *sum = sum.with(point.summary))
                .or_insert(point.summary);
        }
        buckets
    }
}

pub(super) fn key_of(metric: &Metric) -> SeriesKey {
    SeriesKey::new(
        metric.namespace.as_deref().unwrap_or_default(),
        metric.metric_name.as_deref().unwrap_or_default(),
        pairs(metric.dimensions.as_deref()),
    )
}

pub(super) fn pairs(dimensions: Option<&[Dimension]>) -> impl Iterator<Item = (&str, &str)> {
    dimensions
        .unwrap_or_default()
        .iter()
        .map(|dimension| (dimension.name.as_str(), dimension.value.as_str()))
}

/// Percentiles and trimmed means cannot be told from what the twin keeps.
pub(super) fn check_statistic(stat: &str, id: &str) -> Result<(), AwsError> {
    if Summary::of(0.0).statistic(stat).is_some() {
        return Ok(());
    }
    let message = format!("the twin does not implement the statistic {stat} (query {id})");
    Err(AwsError::refused("InvalidAction", message))
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("ValidationError", message)
}
