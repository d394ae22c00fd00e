//! `CloudWatch`: metric data with its gaps, metric math, and alarms of both kinds.

mod alarm_rule;
mod alarms;
mod asks;
mod changing;
mod composites;
mod describing;
mod encoding;
mod evaluation;
mod expression;
mod metric_data;
mod reading;
mod reasons;
mod seeds;
mod series;
mod state;
mod suppression;
mod telling;
mod verdict;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use winterbaume_cloudwatch::model::MetricAlarm;

use crate::place::Place;
use composites::Composite;
use series::{Series, SeriesKey};

pub use seeds::{AlarmDefinition, Watched, WatchedMetric};
pub use series::Feed;
pub use verdict::{Comparison, Missing};
pub(crate) use wire::Request;

/// `CloudWatch` of one account in one region.
#[derive(Debug)]
pub struct CloudWatch {
    place: Place,
    series: BTreeMap<SeriesKey, Series>,
    alarms: BTreeMap<String, MetricAlarm>,
    composites: BTreeMap<String, Composite>,
}

impl CloudWatch {
    pub(crate) fn empty(place: Place) -> Self {
        Self {
            place,
            series: BTreeMap::new(),
            alarms: BTreeMap::new(),
            composites: BTreeMap::new(),
        }
    }
}
