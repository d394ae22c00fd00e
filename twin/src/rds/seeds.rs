//! Setting the scene: global databases, replicas, and what happens to them.

use super::cluster::ClusterStatus;
use super::durations::{Durations, Fencing};
use super::global::GlobalCluster;
use super::telling::{News, Source};
use super::{Rds, refusals};
use crate::error::AwsError;

const ENGINE: &str = "aurora-postgresql";
const INSTANCE_CLASS: &str = "db.r6g.large";

/// A global database of one primary and one secondary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalSpec {
    pub identifier: String,
    /// For example `16.4`.
    pub engine_version: String,
    pub primary: MemberSpec,
    pub secondary: MemberSpec,
}

/// A cluster with so many instances, which are named after it: `orders-1`, `orders-2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSpec {
    pub region: String,
    pub cluster: String,
    pub instances: usize,
}

/// A cluster that replicates from another one outside of any global database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaSpec {
    pub replica: MemberSpec,
    /// The identifier or ARN of a cluster, or the ARN of something that is not modelled.
    pub source: String,
}

impl MemberSpec {
    #[must_use]
    pub fn new(region: &str, cluster: &str, instances: usize) -> Self {
        Self {
            region: region.to_owned(),
            cluster: cluster.to_owned(),
            instances,
        }
    }
}

impl Rds {
    /// Creates a global database, all of it available, and returns the ARNs of its primary and its
    /// secondary.
    pub fn create_global(&mut self, spec: &GlobalSpec) -> (String, String) {
        let primary = self.create_cluster(&spec.primary, &spec.engine_version);
        let secondary = self.create_cluster(&spec.secondary, &spec.engine_version);
        self.found_global(&spec.identifier, ENGINE, &spec.engine_version);
        self.join(&spec.identifier, &primary);
        self.join(&spec.identifier, &secondary);
        (primary, secondary)
    }

    /// Creates a read replica, available and level, and returns its ARN.
    pub fn create_replica(&mut self, spec: &ReplicaSpec) -> String {
        let source = self.cluster(&spec.source);
        let version = source
            .map(|source| source.engine_version.clone())
            .unwrap_or_default();
        let source_arn = source.map_or_else(|| spec.source.clone(), |source| source.arn.clone());
        let arn = self.create_cluster(&spec.replica, &version);
        self.follow(&arn, &source_arn);
        arn
    }

    /// Creates a cluster that stands alone, available, and returns its ARN.
    pub fn create_cluster(&mut self, spec: &MemberSpec, engine_version: &str) -> String {
        let arn = self.put_cluster(&spec.region, &spec.cluster, ENGINE, engine_version);
        for number in 1..=spec.instances {
            self.put_instance(&arn, &format!("{}-{number}", spec.cluster), INSTANCE_CLASS);
        }
        arn
    }

    /// Changes the engine version of one cluster. One that is ahead of its global database is told of.
    pub fn set_engine_version(&mut self, cluster: &str, version: &str) -> Result<(), AwsError> {
        let known = self.cluster_mut(cluster);
        let known = known.ok_or_else(|| refusals::no_such_cluster(cluster))?;
        version.clone_into(&mut known.engine_version);
        let known = known.clone();
        let global = self.global_of(&known);
        let Some(global) = global.filter(|global| is_ahead(version, &global.engine_version)) else {
            return Ok(());
        };
        let message = format!(
            "The DB cluster {} is running version {version}, which is higher than the target upgrade version {} for \
             the global cluster. We don't recommend having a secondary cluster on a higher version than the global \
             cluster, as it can cause issues during failover or switchover. Consider upgrading your global cluster \
             to match.",
            known.identifier, global.engine_version
        );
        let now = self.place.clock.now();
        self.tell(News {
            region: known.region,
            at: now,
            source: Source::Cluster,
            arn: known.arn,
            identifier: known.identifier,
            categories: vec!["maintenance"],
            message,
            event_id: Some("RDS-EVENT-0424"),
        });
        Ok(())
    }

    /// Takes all instances away from a cluster. Its volume goes on being replicated.
    pub fn remove_instances(&mut self, cluster: &str) -> Result<(), AwsError> {
        let known = self.cluster_mut(cluster);
        let known = known.ok_or_else(|| refusals::no_such_cluster(cluster))?;
        known.instances.clear();
        known.leader = None;
        Ok(())
    }

    /// Gives a cluster one more instance, available at once.
    pub fn add_instance(&mut self, cluster: &str, identifier: &str) -> Result<(), AwsError> {
        let arn = self
            .arn_of(cluster)
            .ok_or_else(|| refusals::no_such_cluster(cluster))?;
        self.put_instance(&arn, identifier, INSTANCE_CLASS);
        Ok(())
    }

    /// Puts a cluster into a status. It stays there until something else changes it.
    pub fn set_status(&mut self, cluster: &str, status: ClusterStatus) -> Result<(), AwsError> {
        let known = self.cluster_mut(cluster);
        let known = known.ok_or_else(|| refusals::no_such_cluster(cluster))?;
        known.status = status;
        Ok(())
    }

    /// Puts an instance into a status, in the words of RDS, such as `available` or `rebooting`.
    pub fn set_instance_status(&mut self, instance: &str, status: &str) -> Result<(), AwsError> {
        let mut instances = self
            .clusters
            .values_mut()
            .flat_map(|cluster| &mut cluster.instances);
        let known = instances.find(|known| known.identifier == instance || known.arn == instance);
        let known = known.ok_or_else(|| refusals::no_such_instance(instance))?;
        status.clone_into(&mut known.status);
        Ok(())
    }

    /// Changes how long things take that begin from now on.
    pub fn durations(&mut self, durations: Durations) {
        self.durations = durations;
    }

    /// Whether the writes of old primaries can be blocked from now on.
    pub fn fencing(&mut self, fencing: Fencing) {
        self.fencing = fencing;
    }

    /// Where a cluster stands.
    #[must_use]
    pub fn status(&self, cluster: &str) -> Option<ClusterStatus> {
        self.cluster(cluster).map(|known| known.status)
    }

    /// The ARN of a cluster, by its identifier.
    #[must_use]
    pub fn cluster_arn(&self, cluster: &str) -> Option<String> {
        self.arn_of(cluster)
    }

    /// A cluster's endpoint and its reader endpoint.
    #[must_use]
    pub fn endpoints(&self, cluster: &str) -> Option<(String, String)> {
        let known = self.cluster(cluster)?;
        Some((known.endpoint(), known.reader_endpoint()))
    }

    /// The writer endpoint of a global database.
    #[must_use]
    pub fn global_endpoint(&self, global: &str) -> Option<String> {
        self.globals.get(global).map(GlobalCluster::endpoint)
    }

    /// The ARN of the primary of a global database.
    #[must_use]
    pub fn primary(&self, global: &str) -> Option<String> {
        self.globals.get(global)?.writer.clone()
    }

    /// Whether a switchover or a failover of a global database is under way.
    #[must_use]
    pub fn is_moving(&self, global: &str) -> bool {
        self.globals
            .get(global)
            .is_some_and(|global| global.operation.is_some())
    }
}

/// Whether a version such as `16.10` is higher than another such as `16.4`.
fn is_ahead(version: &str, other: &str) -> bool {
    let parts = |text: &str| -> Vec<u32> { text.split('.').map_while(|part| part.parse().ok()).collect() };
    parts(version) > parts(other)
}
