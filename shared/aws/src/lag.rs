//! Lag metrics of a replication task.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_types::DateTime;
use cutover_core::error::{PortError, chain};
use cutover_core::replication::{LagReading, Seen};
use jiff::Timestamp;

use crate::call_error::port_error;

const NAMESPACE: &str = "AWS/DMS";
const SOURCE: &str = "CDCLatencySource";
const TARGET: &str = "CDCLatencyTarget";
const INCOMING: &str = "CDCIncomingChanges";
/// DMS emits one datapoint a minute.
const PERIOD_SECONDS: i32 = 60;
/// How far back a reading is looked for, in seconds. Whatever it finds carries its age.
const WINDOW_SECONDS: i64 = 900;

#[derive(Debug, Clone)]
pub(crate) struct LagMetrics {
    client: Client,
    time: SharedTimeSource,
}

impl LagMetrics {
    pub(crate) fn new(client: Client, time: SharedTimeSource) -> Self {
        Self { client, time }
    }

    /// The last reading. Both dimensions are needed: with one alone, or a wrong value, CloudWatch has no data for
    /// ever and says so with an empty answer.
    pub(crate) async fn read(&self, instance_name: &str, task_id: &str) -> Seen<LagReading> {
        match self.ask(instance_name, task_id).await {
            Ok(results) => reading(&results, task_id),
            Err(error) => Seen::Unknown(chain(&error)),
        }
    }

    async fn ask(&self, instance_name: &str, task_id: &str) -> Result<Vec<MetricDataResult>, PortError> {
        let end = DateTime::from(self.time.now());
        let start = DateTime::from_secs(end.secs() - WINDOW_SECONDS);
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
fn whole_up(value: f64) -> Option<u64> {
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
