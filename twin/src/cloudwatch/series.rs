//! One metric with its dimensions: the points that were put, and the feed that makes it live.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::outages::Night;

const MINUTE_SECONDS: i64 = 60;

/// Where a live metric's datapoints come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Feed {
    /// This value, each whole minute.
    Constant(f64),
    /// Nothing: a gap.
    Silent,
}

/// A metric is another metric if any dimension differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SeriesKey {
    pub namespace: String,
    pub metric: String,
    pub dimensions: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    put: Vec<Point>,
    /// Since when which feed has applied, oldest first.
    feeds: Vec<(Timestamp, Feed)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub at: Timestamp,
    pub summary: Summary,
    pub unit: Option<String>,
}

/// What `CloudWatch` keeps of a set of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub minimum: f64,
    pub maximum: f64,
    pub sum: f64,
    pub count: f64,
}

impl SeriesKey {
    pub(super) fn new<'a>(
        namespace: &str,
        metric: &str,
        dimensions: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        Self {
            namespace: namespace.to_owned(),
            metric: metric.to_owned(),
            dimensions: dimensions
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }
}

impl Series {
    pub(super) fn add(&mut self, point: Point) {
        self.put.push(point);
    }

    pub(super) fn feed(&mut self, since: Timestamp, feed: Feed) {
        // What was told later about a time holds: a feed from the past on replaces the ones after it.
        self.feeds.retain(|(at, _)| *at < since);
        self.feeds.push((since, feed));
    }

    pub(super) fn is_live(&self) -> bool {
        !self.feeds.is_empty()
    }

    /// The points from `from` on and before `until`, none of them in the future. Nothing is fed at night.
    pub(super) fn points(
        &self,
        from: Timestamp,
        until: Timestamp,
        now: Timestamp,
        nights: &[Night],
    ) -> Vec<Point> {
        let inside = |at: Timestamp| from <= at && at < until && at <= now;
        let mut points: Vec<Point> = self
            .put
            .iter()
            .filter(|point| inside(point.at))
            .cloned()
            .collect();
        let ends = self
            .feeds
            .iter()
            .skip(1)
            .map(|(at, _)| *at)
            .chain([Timestamp::MAX]);
        for ((since, feed), end) in self.feeds.iter().zip(ends) {
            if let Feed::Constant(value) = feed {
                let first = from.max(*since);
                let last = until.min(end).min(
                    now.saturating_add(std::time::Duration::from_nanos(1))
                        .unwrap_or(now),
                );
                let lit = |at: &Timestamp| !nights.iter().any(|night| night.covers(*at));
                points.extend(minutes(first, last).filter(lit).map(|at| Point {
                    at,
                    summary: Summary::of(*value),
                    unit: None,
                }));
            }
        }
        points
    }
}

/// The whole minute that a time falls into.
pub(super) fn running_minute(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(MINUTE_SECONDS)).unwrap_or(at)
}

/// The whole minutes from `from` on and before `until`.
fn minutes(from: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> {
    let second = from.as_second();
    let exactly_there = from.subsec_nanosecond() == 0 && second.rem_euclid(MINUTE_SECONDS) == 0;
    let floor = second - second.rem_euclid(MINUTE_SECONDS);
    let first = if exactly_there {
        floor
    } else {
        floor.saturating_add(MINUTE_SECONDS)
    };
    std::iter::successors(Some(first), |minute| minute.checked_add(MINUTE_SECONDS))
        .map_while(|minute| Timestamp::from_second(minute).ok())
        .take_while(move |minute| *minute < until)
}

impl Summary {
    pub(super) fn of(value: f64) -> Self {
        Self::repeated(value, 1.0)
    }

    pub(super) fn repeated(value: f64, count: f64) -> Self {
        Self {
            minimum: value,
            maximum: value,
            sum: value * count,
            count,
        }
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self {
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
            sum: self.sum + other.sum,
            count: self.count + other.count,
        }
    }

    pub(super) fn average(self) -> f64 {
        self.sum / self.count
    }

    /// None for a statistic that cannot be told from a summary.
    pub(super) fn statistic(self, name: &str) -> Option<f64> {
        match name {
            "Minimum" => Some(self.minimum),
            "Maximum" => Some(self.maximum),
            "Sum" => Some(self.sum),
            "SampleCount" => Some(self.count),
            "Average" => Some(self.average()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_feed_has_a_point_each_whole_minute_and_none_in_a_gap() {
        let mut series = Series::default();
        series.feed(at(0), Feed::Constant(1.0));
        series.feed(at(150), Feed::Silent);
        series.feed(at(270), Feed::Constant(3.0));
        let seconds = |now: i64| -> Vec<(i64, f64)> {
            let points = series.points(at(0), at(10_000), at(now), &[]);
            points
                .iter()
                .map(|point| (point.at.as_second(), point.summary.sum))
                .collect()
        };
        assert_eq!(seconds(119), [(0, 1.0), (60, 1.0)]);
        assert_eq!(seconds(120), [(0, 1.0), (60, 1.0), (120, 1.0)]);
        assert_eq!(
            seconds(360),
            [(0, 1.0), (60, 1.0), (120, 1.0), (300, 3.0), (360, 3.0)]
        );
        let night = Night {
            from: at(50),
            until: Some(at(120)),
        };
        let points = series.points(at(0), at(10_000), at(130), &[night]);
        let lit: Vec<i64> = points.iter().map(|point| point.at.as_second()).collect();
        assert_eq!(lit, [0, 120]);
    }
}
