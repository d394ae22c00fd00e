//! How far secondaries and replicas are behind, as `CloudWatch` hears of it: in the follower's own region,
//! once a minute, and not at all while what it follows is out of reach.

use std::time::Duration;

use super::Rds;
use super::cluster::Cluster;

const NAMESPACE: &str = "AWS/RDS";
const DIMENSION: &str = "DBClusterIdentifier";
/// A measured lag differs from the real one by at most this many of a thousand.
const JITTER_PERMILLE: u64 = 50;
const PERMILLE: u64 = 1000;
const MILLISECONDS_PER_SECOND: f64 = 1000.0;

/// One datapoint.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measurement {
    pub(crate) region: String,
    pub(crate) namespace: &'static str,
    pub(crate) metric: &'static str,
    pub(crate) dimension: (&'static str, String),
    pub(crate) value: f64,
}

impl Rds {
    /// What every follower measures now.
    pub(crate) fn measurements(&self) -> Vec<Measurement> {
        self.clusters
            .values()
            .filter(|cluster| self.followed_by(cluster).is_some() && cluster.serving().is_some())
            .flat_map(|cluster| self.measured(cluster))
            .collect()
    }

    fn measured(&self, cluster: &Cluster) -> Vec<Measurement> {
        let lag = self.with_jitter(self.lag_of(&cluster.arn));
        let seconds = lag.as_secs_f64();
        let milliseconds = seconds * MILLISECONDS_PER_SECOND;
        let metrics = if cluster.global.is_some() {
            vec![
                ("AuroraGlobalDBRPOLag", milliseconds),
                ("AuroraGlobalDBReplicationLag", milliseconds),
            ]
        } else {
            vec![(replica_metric(&cluster.engine), seconds)]
        };
        let measurement = |(metric, value)| Measurement {
            region: cluster.region.clone(),
            namespace: NAMESPACE,
            metric,
            dimension: (DIMENSION, cluster.identifier.clone()),
            value,
        };
        metrics.into_iter().map(measurement).collect()
    }

    fn with_jitter(&self, lag: Duration) -> Duration {
        let most = u128::from(JITTER_PERMILLE) * lag.as_millis() / u128::from(PERMILLE);
        let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        lag.saturating_add(Duration::from_millis(self.dice.below(most)))
    }
}

/// Both are in seconds. Aurora PostgreSQL has cross-region replicas in global databases only; its other
/// replicas follow an instance of RDS for PostgreSQL.
fn replica_metric(engine: &str) -> &'static str {
    if engine == "aurora-mysql" {
        "AuroraBinlogReplicaLag"
    } else {
        "RDSToAuroraPostgreSQLReplicaLag"
    }
}
