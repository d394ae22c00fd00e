//! Clusters that become writers of their own: removed from a global database, or read replicas promoted.

use jiff::Timestamp;
use winterbaume_rds::model::{PromoteReadReplicaDBClusterMessage, RemoveFromGlobalClusterMessage};

use super::cluster::{Becoming, Cluster, ClusterStatus};
use super::{Rds, refusals};
use crate::error::AwsError;

impl Rds {
    pub(super) fn remove_from_global(
        &mut self,
        region: &str,
        request: &RemoveFromGlobalClusterMessage,
    ) -> Result<(), AwsError> {
        let (identifier, arn) = (&request.global_cluster_identifier, &request.db_cluster_identifier);
        let global = self.global_seen_from(region, identifier)?;
        let member = global.members.contains(arn).then(|| self.clusters.get(arn));
        let cluster = member.flatten().ok_or_else(|| refusals::no_such_cluster(arn))?;
        if let Some(operation) = &global.operation {
            return Err(refusals::invalid_global(format!(
                "Global cluster {identifier} is in state {operation}."
            )));
        }
        if global.is_writer(cluster) && global.members.len() > 1 {
            return Err(refusals::invalid_global(format!(
                "The primary cluster {} can't be removed while global cluster {identifier} has secondary clusters.",
                cluster.identifier
            )));
        }
        if !self.place.outages.is_lit(&cluster.region) || !cluster.status.serves() {
            return Err(refusals::not_available(cluster));
        }
        self.detach(identifier, &arn.clone());
        Ok(())
    }

    /// What had not arrived by now never will.
    fn detach(&mut self, identifier: &str, arn: &str) {
        let now = self.place.clock.now();
        let detached = self.drawn(self.durations.detaching, now);
        let Some(global) = self.globals.get_mut(identifier) else {
            return;
        };
        global.members.retain(|member| member != arn);
        let was_writer = global.writer.as_deref() == Some(arn);
        let writer = global.writer.clone();
        if was_writer {
            global.writer = None;
            global.endpoint_at = None;
        }
        let Some(cluster) = self.clusters.get_mut(arn) else {
            return;
        };
        cluster.global = None;
        if was_writer {
            return;
        }
        cluster.status = ClusterStatus::Promoting;
        cluster.becoming = Some((detached, Becoming::Standalone));
        if let Some(writer) = writer {
            self.lose_tail(&writer, arn);
        }
    }

    pub(super) fn promote_replica(
        &mut self,
        region: &str,
        request: &PromoteReadReplicaDBClusterMessage,
    ) -> Result<String, AwsError> {
        let name = &request.d_b_cluster_identifier;
        let arn = self.in_region(region, name)?.arn.clone();
        let now = self.place.clock.now();
        let promoted = self.drawn(self.durations.promotion, now);
        let Some(cluster) = self.clusters.get_mut(&arn) else {
            return Err(refusals::no_such_cluster(name));
        };
        let Some(source) = cluster.source.clone() else {
            return Err(refusals::invalid_cluster(format!(
                "DB cluster {name} is not a read replica."
            )));
        };
        if cluster.status != ClusterStatus::Available {
            return Err(refusals::not_available(cluster));
        }
        cluster.source = None;
        cluster.status = ClusterStatus::Promoting;
        cluster.becoming = Some((promoted, Becoming::Standalone));
        self.lose_tail(&source, &arn);
        Ok(arn)
    }

    pub(super) fn become_standalone(&mut self, arn: &str, at: Timestamp) {
        let Some(cluster) = self.clusters.get_mut(arn) else {
            return;
        };
        cluster.lead();
        cluster.status = ClusterStatus::Available;
        let message = format!(
            "Promoted DB cluster {} to a standalone DB cluster.",
            cluster.identifier
        );
        self.tell_of_promotion(arn, message, at);
    }

    /// A cluster of a region, by its identifier or ARN.
    pub(super) fn in_region(&self, region: &str, name: &str) -> Result<&Cluster, AwsError> {
        let here = |cluster: &&Cluster| cluster.region == region && cluster.is_named(name);
        let found = self.clusters.values().find(here);
        found.ok_or_else(|| refusals::no_such_cluster(name))
    }
}
