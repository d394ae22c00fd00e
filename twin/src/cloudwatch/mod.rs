//! `CloudWatch`: metric data with its gaps, and alarms.

mod alarms;
mod encoding;
mod metric_data;
mod series;
mod wire;

use std::collections::BTreeMap;

use jiff::Timestamp;
use winterbaume_cloudwatch::model::MetricAlarm;

use crate::place::Place;
use crate::reply::from_epoch_seconds;
use series::{Point, Series, SeriesKey, Summary};

pub use series::Feed;
pub(crate) use wire::Request;

/// `CloudWatch` of one account in one region.
#[derive(Debug)]
pub struct CloudWatch {
    place: Place,
    series: BTreeMap<SeriesKey, Series>,
    alarms: BTreeMap<String, MetricAlarm>,
}

impl CloudWatch {
    pub(crate) fn empty(place: Place) -> Self {
        Self {
            place,
            series: BTreeMap::new(),
            alarms: BTreeMap::new(),
        }
    }

    /// Makes a metric live: from now on it has this value at every whole minute, or none. A metric that
    /// becomes live begins with the minute that is running, so that it has a datapoint at once.
    pub fn feed(&mut self, namespace: &str, metric: &str, dimensions: &[(&str, &str)], feed: Feed) {
        let now = self.place.clock.now();
        let key = SeriesKey::new(namespace, metric, dimensions.iter().copied());
        let live = self.series.get(&key).is_some_and(Series::is_live);
        let since = if live { now } else { series::running_minute(now) };
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
        let points = self
            .series
            .get(&key)
            .map_or_else(Vec::new, |series| series.points(since, Timestamp::MAX, now));
        points
            .into_iter()
            .map(|point| (point.at, point.summary.average()))
            .collect()
    }

    /// Creates an alarm of this name, without data so far, or leaves the one there is.
    pub fn create_alarm(&mut self, name: &str) {
        if !self.alarms.contains_key(name) {
            self.put_alarm(MetricAlarm {
                alarm_name: Some(name.to_owned()),
                ..MetricAlarm::default()
            });
        }
    }

    /// Sets an alarm's state: `OK`, `ALARM` or `INSUFFICIENT_DATA`. False if there is no such alarm.
    pub fn set_alarm_state(&mut self, name: &str, state: &str, reason: &str) -> bool {
        self.change_state(name, state, reason, None)
    }

    /// An alarm's state, and since when it has been in it.
    #[must_use]
    pub fn alarm_state(&self, name: &str) -> Option<(String, Timestamp)> {
        let alarm = self.alarms.get(name)?;
        let since = from_epoch_seconds(alarm.state_transitioned_timestamp?)?;
        Some((alarm.state_value.clone()?, since))
    }
}
