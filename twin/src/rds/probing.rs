//! What somebody finds who connects to an endpoint and asks what it is.

use std::time::Duration;

use jiff::Timestamp;

use super::Rds;
use super::cluster::{Cluster, Standing};

/// What a connection to an endpoint finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// There is no such name, or nobody listens there.
    Refused,
    /// Nothing ever answers.
    Silent,
    /// A database answers.
    Role {
        /// Whether it would take a write.
        writer: bool,
        /// How far it is behind, if it follows another.
        lag: Option<SeenLag>,
    },
}

/// A lag, and when it was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenLag {
    pub lag: Duration,
    pub as_of: Timestamp,
}

/// Which of a cluster's instances an endpoint leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door<'a> {
    Leader,
    AnyReader,
    Instance(&'a str),
}

impl Rds {
    /// Connects from a region to the name of a cluster, a reader, an instance or a global writer endpoint.
    #[must_use]
    pub fn probe(&self, endpoint: &str, from_region: &str) -> Probed {
        let Some((cluster, door)) = self.behind(endpoint) else {
            return Probed::Refused;
        };
        if !self.place.outages.connected(from_region, &cluster.region) {
            return Probed::Silent;
        }
        if !cluster.status.serves() || !opens(cluster, door) {
            return Probed::Refused;
        }
        let leads = match door {
            Door::Leader => true,
            Door::AnyReader => cluster.instances.len() == 1,
            Door::Instance(identifier) => cluster.leader.as_deref() == Some(identifier),
        };
        Probed::Role {
            writer: leads && cluster.serves_writes(),
            lag: (cluster.standing == Standing::Reader).then(|| SeenLag {
                lag: self.lag_of(&cluster.arn),
                as_of: cluster.heard,
            }),
        }
    }

    /// The ARN of the cluster that the name of an endpoint leads to.
    #[must_use]
    pub fn led_to(&self, endpoint: &str) -> Option<String> {
        self.behind(endpoint).map(|(cluster, _)| cluster.arn.clone())
    }

    fn behind(&self, endpoint: &str) -> Option<(&Cluster, Door<'_>)> {
        for cluster in self.clusters.values() {
            if cluster.endpoint() == endpoint {
                return Some((cluster, Door::Leader));
            }
            if cluster.reader_endpoint() == endpoint {
                return Some((cluster, Door::AnyReader));
            }
            let named = cluster
                .instances
                .iter()
                .find(|one| cluster.instance_endpoint(one) == endpoint);
            if let Some(instance) = named {
                return Some((cluster, Door::Instance(&instance.identifier)));
            }
        }
        let global = self
            .globals
            .values()
            .find(|global| global.endpoint() == endpoint)?;
        let cluster = self.clusters.get(global.endpoint_at.as_ref()?)?;
        Some((cluster, Door::Leader))
    }
}

fn opens(cluster: &Cluster, door: Door<'_>) -> bool {
    let available = |identifier: &str| {
        let instance = cluster
            .instances
            .iter()
            .find(|instance| instance.identifier == identifier);
        instance.is_some_and(|instance| instance.status == "available")
    };
    match door {
        Door::Leader | Door::AnyReader => cluster.serving().is_some(),
        Door::Instance(identifier) => available(identifier),
    }
}
