//! What a story or a test says about `CloudWatch` without going over the wire.

use jiff::Timestamp;
use winterbaume_cloudwatch::model::{
    Dimension, Metric, MetricAlarm, MetricDataQuery, MetricStat, PutCompositeAlarmInput, PutMetricAlarmInput,
};

use super::CloudWatch;
use super::series::{Feed, Point, Series, SeriesKey, Summary, running_minute};
use super::state::{State, time};
use super::verdict::{Comparison, Missing};
use crate::error::AwsError;

/// A metric alarm. The default watches nothing that exists, over one period, for more than 0.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmDefinition {
    pub name: String,
    pub description: Option<String>,
    pub watched: Watched,
    pub comparison: Comparison,
    pub threshold: f64,
    pub evaluation_periods: i32,
    pub datapoints_to_alarm: Option<i32>,
    pub missing: Missing,
    /// ARNs of topics and functions.
    pub alarm_actions: Vec<String>,
    pub ok_actions: Vec<String>,
    pub insufficient_data_actions: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Watched {
    Metric(WatchedMetric),
    /// An expression over metrics by their ids.
    Expression {
        expression: String,
        metrics: Vec<(String, WatchedMetric)>,
    },
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct WatchedMetric {
    pub namespace: String,
    pub metric: String,
    pub dimensions: Vec<(String, String)>,
    /// For example `Maximum`.
    pub statistic: String,
    pub period_seconds: i32,
}

impl Default for AlarmDefinition {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: None,
            watched: Watched::Metric(WatchedMetric::default()),
            comparison: Comparison::GreaterThan,
            threshold: 0.0,
            evaluation_periods: 1,
            datapoints_to_alarm: None,
            missing: Missing::default(),
            alarm_actions: Vec::new(),
            ok_actions: Vec::new(),
            insufficient_data_actions: Vec::new(),
        }
    }
}

impl CloudWatch {
    /// Makes a metric live: from now on it has this value at every whole minute, or none. A metric that
    /// becomes live begins with the minute that is running, so that it has a datapoint at once.
    pub fn feed(&mut self, namespace: &str, metric: &str, dimensions: &[(&str, &str)], feed: Feed) {
        let now = self.place.clock.now();
        let key = SeriesKey::new(namespace, metric, dimensions.iter().copied());
        let live = self.series.get(&key).is_some_and(Series::is_live);
        let since = if live { now } else { running_minute(now) };
        self.feed_since(namespace, metric, dimensions, feed, since);
    }

    /// As [`CloudWatch::feed`], from a moment in the past on, so that a story can begin with a history.
    pub fn feed_since(
        &mut self,
        namespace: &str,
        metric: &str,
        dimensions: &[(&str, &str)],
        feed: Feed,
        since: Timestamp,
    ) {
        let key = SeriesKey::new(namespace, metric, dimensions.iter().copied());
        self.series.entry(key).or_default().feed(since, feed);
    }

    /// Adds a single datapoint.
    pub fn put_datapoint(
        &mut self,
        namespace: &str,
        metric: &str,
        dimensions: &[(&str, &str)],
        at: Timestamp,
        value: f64,
    ) {
        let key = SeriesKey::new(namespace, metric, dimensions.iter().copied());
        self.series.entry(key).or_default().add(Point {
            at,
            summary: Summary::of(value),
            unit: None,
        });
    }

    /// The datapoints of a metric from `since` on, as they were put or fed: time and average.
    #[must_use]
    pub fn datapoints(
        &self,
        namespace: &str,
        metric: &str,
        dimensions: &[(&str, &str)],
        since: Timestamp,
    ) -> Vec<(Timestamp, f64)> {
        let key = SeriesKey::new(namespace, metric, dimensions.iter().copied());
        let now = self.place.clock.now();
        let nights = self.place.outages.nights(&self.place.region);
        let points = self.series.get(&key).map_or_else(Vec::new, |series| {
            series.points(since, Timestamp::MAX, now, &nights)
        });
        points
            .into_iter()
            .map(|point| (point.at, point.summary.average()))
            .collect()
    }

    /// Creates an alarm of this name that watches nothing, or leaves the one there is. Its state changes
    /// only by hand.
    pub fn create_alarm(&mut self, name: &str) {
        if self.state_of(name).is_none() {
            self.put_alarm(MetricAlarm {
                alarm_name: Some(name.to_owned()),
                ..MetricAlarm::default()
            });
        }
    }

    /// The same, in a state that it was in before anybody looked: nobody is told.
    pub fn alarm_has_been(&mut self, name: &str, state: &str) {
        self.create_alarm(name);
        let now = self.place.clock.now();
        if let Some(alarm) = self.alarms.get_mut(name) {
            State::new(state, "as it was", None, now).put_into_metric(alarm);
        }
    }

    /// Defines a metric alarm, as `PutMetricAlarm` does.
    pub fn define_alarm(&mut self, definition: AlarmDefinition) -> Result<(), AwsError> {
        let defined = PutMetricAlarmInput {
            alarm_name: definition.name,
            alarm_description: definition.description,
            alarm_actions: Some(definition.alarm_actions),
            o_k_actions: Some(definition.ok_actions),
            insufficient_data_actions: Some(definition.insufficient_data_actions),
            comparison_operator: definition.comparison.operator().to_owned(),
            threshold: Some(definition.threshold),
            evaluation_periods: definition.evaluation_periods,
            datapoints_to_alarm: definition.datapoints_to_alarm,
            treat_missing_data: Some(definition.missing.written().to_owned()),
            ..PutMetricAlarmInput::default()
        };
        self.put_metric_alarm(&match definition.watched {
            Watched::Metric(watched) => PutMetricAlarmInput {
                dimensions: Some(watched.dimensions()),
                namespace: Some(watched.namespace),
                metric_name: Some(watched.metric),
                statistic: Some(watched.statistic),
                period: Some(watched.period_seconds),
                ..defined
            },
            Watched::Expression { expression, metrics } => PutMetricAlarmInput {
                metrics: Some(queries(expression, metrics)),
                ..defined
            },
        })
    }

    /// Creates a composite alarm, as `PutCompositeAlarm` does. A suppressor comes with its wait and its
    /// extension period, in seconds.
    pub fn create_composite(
        &mut self,
        name: &str,
        rule: &str,
        suppressor: Option<(&str, i32, i32)>,
    ) -> Result<(), AwsError> {
        self.put_composite_alarm(&PutCompositeAlarmInput {
            alarm_name: name.to_owned(),
            alarm_rule: rule.to_owned(),
            actions_suppressor: suppressor.map(|(name, ..)| name.to_owned()),
            actions_suppressor_wait_period: suppressor.map(|(_, wait, _)| wait),
            actions_suppressor_extension_period: suppressor.map(|(.., extension)| extension),
            ..PutCompositeAlarmInput::default()
        })
    }

    /// Sets an alarm's state: `OK`, `ALARM` or `INSUFFICIENT_DATA`. False if there is no such alarm.
    pub fn set_alarm_state(&mut self, name: &str, state: &str, reason: &str) -> bool {
        let now = self.place.clock.now();
        self.change_state(name, State::new(state, reason, None, now))
    }

    /// An alarm's state, and since when it has been in it.
    #[must_use]
    pub fn alarm_state(&self, name: &str) -> Option<(String, Timestamp)> {
        let state = self.state_of(name)?;
        let metric = self
            .alarms
            .get(name)
            .and_then(|alarm| alarm.state_transitioned_timestamp);
        let composite = self.composites.get(name);
        let since = metric.or_else(|| composite?.alarm.state_transitioned_timestamp);
        Some((state.value, time(since)))
    }
}

impl WatchedMetric {
    fn dimensions(&self) -> Vec<Dimension> {
        let dimension = |(name, value): &(String, String)| Dimension {
            name: name.clone(),
            value: value.clone(),
        };
        self.dimensions.iter().map(dimension).collect()
    }
}

fn queries(expression: String, metrics: Vec<(String, WatchedMetric)>) -> Vec<MetricDataQuery> {
    let returned = MetricDataQuery {
        id: "result".to_owned(),
        expression: Some(expression),
        return_data: Some(true),
        ..MetricDataQuery::default()
    };
    let metric = |(id, watched): (String, WatchedMetric)| MetricDataQuery {
        id,
        return_data: Some(false),
        metric_stat: Some(MetricStat {
            metric: Metric {
                dimensions: Some(watched.dimensions()),
                metric_name: Some(watched.metric),
                namespace: Some(watched.namespace),
            },
            period: watched.period_seconds,
            stat: watched.statistic,
            unit: None,
        }),
        ..MetricDataQuery::default()
    };
    std::iter::once(returned)
        .chain(metrics.into_iter().map(metric))
        .collect()
}
