//! Lag metrics of a replication task.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_types::DateTime;
use cutover_core::error::{PortError, chain};
use cutover_core::replication::{LagReading, Sample, Seen};
use jiff::Timestamp;

use crate::call_error::port_error;

const NAMESPACE: &str = "AWS/DMS";
const SOURCE: &str = "CDCLatencySource";
const TARGET: &str = "CDCLatencyTarget";
const INCOMING: &str = "CDCIncomingChanges";
/// DMS emits one datapoint a minute.
const PERIOD_SECONDS: i32 = 60;
/// How far back a reading is looked for at least, in seconds. Whatever it finds carries its age.
const WINDOW_SECONDS: i64 = 900;
/// Minutes beyond the readings that are counted: the one that runs, and one that is late.
const MINUTES_MORE: i64 = 2;

/// The last reading, and those of the minutes before it.
pub(crate) struct Lag {
    pub last: Seen<LagReading>,
    pub recent: Vec<Sample>,
}

#[derive(Debug, Clone)]
pub(crate) struct LagMetrics {
    client: Client,
    time: SharedTimeSource,
    window_seconds: i64,
}

impl LagMetrics {
    /// `samples`: how many readings in a row are wanted.
    pub(crate) fn new(client: Client, time: SharedTimeSource, samples: u32) -> Self {
        let wanted = (i64::from(samples) + MINUTES_MORE) * i64::from(PERIOD_SECONDS);
        Self {
            client,
            time,
            window_seconds: wanted.max(WINDOW_SECONDS),
        }
    }

    /// The last reading. Both dimensions are needed: with one alone, or a wrong value, CloudWatch has no data for
    /// ever and says so with an empty answer.
    pub(crate) async fn read(&self, instance_name: &str, task_id: &str) -> Lag {
        match self.ask(instance_name, task_id).await {
            Ok(results) => Lag {
                last: reading(&results, task_id),
                recent: recent(&results),
            },
            Err(error) => Lag::unknown(chain(&error)),
        }
    }

    async fn ask(&self, instance_name: &str, task_id: &str) -> Result<Vec<MetricDataResult>, PortError> {
        let end = DateTime::from(self.time.now());
        let start = DateTime::from_secs(end.secs() - self.window_seconds);
        let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
        let query = |id: &str, metric: &str| {
            let metric = Metric::builder()
                .namespace(NAMESPACE)
                .metric_name(metric)
                .dimensions(dimension("ReplicationInstanceIdentifier", instance_name))
                .dimensions(dimension("ReplicationTaskIdentifier", task_id));
            let stat = MetricStat::builder()
                .metric(metric.build())
                .period(PERIOD_SECONDS)
                .stat("Maximum");
            MetricDataQuery::builder()
                .id(id)
                .metric_stat(stat.build())
                .return_data(true)
                .build()
        };
        let request = self.client.get_metric_data().start_time(start).end_time(end);
        let request = request.scan_by(ScanBy::TimestampDescending);
        let request = request
            .metric_data_queries(query("source", SOURCE))
            .metric_data_queries(query("target", TARGET))
            .metric_data_queries(query("incoming", INCOMING));
        let output = request.send().await;
        let output = output
            .map_err(|error| port_error(format!("cloudwatch:GetMetricData of task {task_id}"), &error))?;
        Ok(output.metric_data_results.unwrap_or_default())
    }
}

impl Lag {
    pub(crate) fn unknown(why: String) -> Self {
        Self {
            last: Seen::Unknown(why),
            recent: Vec::new(),
        }
    }
}

/// The minutes that both latencies have a value for, newest first, until the first gap.
fn recent(results: &[MetricDataResult]) -> Vec<Sample> {
    let values = |id: &str| -> BTreeMap<i64, u64> {
        let mine = results.iter().filter(|result| result.id.as_deref() == Some(id));
        let points = mine.flat_map(|result| result.timestamps().iter().zip(result.values()));
        points
            .filter_map(|(moment, value)| Some((moment.secs(), whole_up(*value)?)))
            .collect()
    };
    let (source, target) = (values("source"), values("target"));
    let mut samples: Vec<Sample> = Vec::new();
    for (second, seconds) in source.iter().rev() {
        let last = samples.last().map(|sample| sample.at.as_second());
        let gap = last.is_some_and(|last| last - second > i64::from(PERIOD_SECONDS));
        let (Some(more), Ok(at), false) = (target.get(second), Timestamp::from_second(*second), gap) else {
            break;
        };
        samples.push(Sample {
            at,
            seconds: seconds.saturating_add(*more),
        });
    }
    samples
}

fn reading(results: &[MetricDataResult], task_id: &str) -> Seen<LagReading> {
    let last = |id: &str| {
        let result = results.iter().find(|result| result.id.as_deref() == Some(id))?;
        let points = result.timestamps().iter().zip(result.values());
        let (moment, value) = points.max_by_key(|(moment, _)| moment.secs())?;
        Some((Timestamp::from_second(moment.secs()).ok()?, whole_up(*value)?))
    };
    let missing = |metric: &str| {
        Seen::Unknown(format!(
            "{metric} of task {task_id} has no datapoint in the last {WINDOW_SECONDS} s"
        ))
    };
    let Some((source_at, source_seconds)) = last("source") else {
        return missing(SOURCE);
    };
    let Some((target_at, target_seconds)) = last("target") else {
        return missing(TARGET);
    };
    let incoming = last("incoming");
    let at = incoming.map_or(source_at.min(target_at), |(moment, _)| {
        moment.min(source_at).min(target_at)
    });
    Seen::Known(LagReading {
        source_seconds,
        target_seconds,
        incoming_changes: incoming.map(|(_, count)| count),
        at,
    })
}

/// A metric's value as a whole number, rounded up so that no lag is made smaller; `None` for what is no amount.
pub(crate) fn whole_up(value: f64) -> Option<u64> {
    if !value.is_finite() || value < 0.0 {
        return None;
    }
    format!("{:.0}", value.ceil()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::whole_up;

    #[test]
    fn lag_is_never_rounded_down_and_nonsense_is_no_reading() {
        assert_eq!(whole_up(0.0), Some(0));
        assert_eq!(whole_up(0.2), Some(1));
        assert_eq!(whole_up(75.0), Some(75));
        assert_eq!(whole_up(-1.0), None);
        assert_eq!(whole_up(f64::NAN), None);
    }
}
