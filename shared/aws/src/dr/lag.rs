//! How far the cluster that follows is behind: its newest reading, from its own region, with its own time.

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy};
use aws_smithy_types::DateTime;
use cutover_core::dr::observation::LagSeen;
use cutover_core::dr::side::Side;
use cutover_core::error::{PortError, chain};
use cutover_core::replication::Seen;
use jiff::Timestamp;

use crate::call_error::port_error;
use crate::clients::DrClients;
use crate::config::dr::DrConfig;
use crate::lag::whole_up;

const NAMESPACE: &str = "AWS/RDS";
/// It has one datapoint a minute.
const PERIOD_SECONDS: i32 = 60;
/// How far back a reading is looked for, in seconds. Whatever it finds carries its age.
const WINDOW_SECONDS: i64 = 900;

/// A metric, and how many milliseconds one of its units is.
#[derive(Debug, Clone, Copy)]
struct Measure {
    name: &'static str,
    milliseconds: f64,
}

/// Of a secondary cluster of a global database. It exists on secondaries only, so it changes sides with the writer.
const GLOBAL: &[Measure] = &[Measure {
    name: "AuroraGlobalDBRPOLag",
    milliseconds: 1.0,
}];
/// Of a replica cluster, whichever engine it has; each is in seconds, and -1 while nothing is replicated.
const REPLICA: &[Measure] = &[
    Measure {
        name: "AuroraBinlogReplicaLag",
        milliseconds: 1_000.0,
    },
    Measure {
        name: "RDSToAuroraPostgreSQLReplicaLag",
        milliseconds: 1_000.0,
    },
];

#[derive(Debug, Clone)]
pub struct DatabaseLag {
    clients: DrClients,
    primary: String,
    dr: String,
    measures: &'static [Measure],
}

impl DatabaseLag {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig) -> Self {
        let settings = &config.settings;
        Self {
            clients: clients.clone(),
            primary: settings.primary.identifier().to_owned(),
            dr: settings.dr.identifier().to_owned(),
            measures: match settings.global_cluster {
                Some(_) => GLOBAL,
                None => REPLICA,
            },
        }
    }

    /// The newest reading of the cluster that follows.
    pub async fn read(&self, follower: Side) -> Seen<LagSeen> {
        let cluster = match follower {
            Side::Primary => &self.primary,
            Side::Dr => &self.dr,
        };
        match self.ask(follower, cluster).await {
            Ok(results) => newest(&results, self.measures).map_or_else(
                || {
                    let names: Vec<&str> = self.measures.iter().map(|measure| measure.name).collect();
                    let names = names.join(" or ");
                    Seen::Unknown(format!(
                        "{names} of {cluster} has no datapoint in the last {WINDOW_SECONDS} s"
                    ))
                },
                Seen::Known,
            ),
            Err(error) => Seen::Unknown(chain(&error)),
        }
    }

    async fn ask(&self, follower: Side, cluster: &str) -> Result<Vec<MetricDataResult>, PortError> {
        let end = DateTime::from(self.clients.time.now());
        let start = DateTime::from_secs(end.secs() - WINDOW_SECONDS);
        let client = self.clients.cloudwatch_of(follower);
        let mut request = client.get_metric_data().start_time(start).end_time(end);
        for (index, measure) in self.measures.iter().enumerate() {
            let dimension = Dimension::builder().name("DBClusterIdentifier").value(cluster);
            let metric = Metric::builder()
                .namespace(NAMESPACE)
                .metric_name(measure.name)
                .dimensions(dimension.build());
            let stat = MetricStat::builder()
                .metric(metric.build())
                .period(PERIOD_SECONDS)
                .stat("Maximum");
            let query = MetricDataQuery::builder()
                .id(id(index))
                .metric_stat(stat.build())
                .return_data(true);
            request = request.metric_data_queries(query.build());
        }
        let output = request.scan_by(ScanBy::TimestampDescending).send().await;
        let output = output
            .map_err(|error| port_error(format!("cloudwatch:GetMetricData of cluster {cluster}"), &error))?;
        Ok(output.metric_data_results.unwrap_or_default())
    }
}

fn id(index: usize) -> String {
    format!("lag{index}")
}

/// A value that is no amount, such as the -1 of a replica that does not replicate, is no reading, and the one before it
/// says nothing of now.
fn newest(results: &[MetricDataResult], measures: &[Measure]) -> Option<LagSeen> {
    let last = |(index, measure): (usize, &Measure)| {
        let of = id(index);
        let points = results
            .iter()
            .filter(|result| result.id() == Some(of.as_str()))
            .flat_map(|result| result.timestamps().iter().zip(result.values()));
        let (moment, value) = points.max_by_key(|(moment, _)| moment.secs())?;
        Some(LagSeen {
            milliseconds: whole_up(*value * measure.milliseconds)?,
            at: Timestamp::from_second(moment.secs()).ok()?,
        })
    };
    measures
        .iter()
        .enumerate()
        .filter_map(last)
        .max_by_key(|reading| reading.at)
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::MetricDataResult;
    use aws_smithy_types::DateTime;

    use super::{GLOBAL, REPLICA, newest};

    fn result(id: &str, points: &[(i64, f64)]) -> MetricDataResult {
        let times = points.iter().map(|(second, _)| DateTime::from_secs(*second));
        MetricDataResult::builder()
            .id(id)
            .set_timestamps(Some(times.collect()))
            .set_values(Some(points.iter().map(|(_, value)| *value).collect()))
            .build()
    }

    #[test]
    fn the_newest_point_counts_with_its_own_time() {
        let reading = newest(
            &[result("lag0", &[(60, 900.0), (180, 20.2), (120, 70.0)])],
            GLOBAL,
        )
        .unwrap();
        assert_eq!((reading.milliseconds, reading.at.as_second()), (21, 180));
        assert_eq!(newest(&[], GLOBAL), None);
    }

    #[test]
    fn a_replica_counts_in_seconds_whichever_engine_it_has() {
        let reading = newest(&[result("lag0", &[]), result("lag1", &[(60, 3.0)])], REPLICA).unwrap();
        assert_eq!(reading.milliseconds, 3_000);
    }

    #[test]
    fn a_replica_that_does_not_replicate_has_no_lag() {
        assert_eq!(
            newest(&[result("lag0", &[(60, 1.0), (120, -1.0)])], REPLICA),
            None
        );
    }
}
