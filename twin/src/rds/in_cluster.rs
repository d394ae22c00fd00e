//! A failover within a cluster: another instance becomes its writer.

use jiff::Timestamp;
use winterbaume_rds::model::FailoverDBClusterMessage;

use super::cluster::{Becoming, Cluster, ClusterStatus, Instance};
use super::{Rds, refusals};
use crate::error::AwsError;

impl Rds {
    pub(super) fn fail_over_cluster(
        &mut self,
        region: &str,
        request: &FailoverDBClusterMessage,
    ) -> Result<String, AwsError> {
        let name = &request.d_b_cluster_identifier;
        let cluster = self.in_region(region, name)?;
        let wanted = request.target_d_b_instance_identifier.as_deref();
        let instance = next_leader(cluster, wanted)?;
        let message = format!(
            "Started cross AZ failover to DB instance: {}.",
            instance.identifier
        );
        let becoming = Becoming::LedBy {
            instance: instance.identifier.clone(),
        };
        let arn = cluster.arn.clone();
        let now = self.place.clock.now();
        let led = self.drawn(self.durations.in_cluster, now);
        if let Some(cluster) = self.clusters.get_mut(&arn) {
            cluster.status = ClusterStatus::FailingOver;
            cluster.becoming = Some((led, becoming));
        }
        self.tell_of_cluster(&arn, "RDS-EVENT-0073", "failover", message, now);
        Ok(arn)
    }

    pub(super) fn become_led_by(&mut self, arn: &str, instance: &str, at: Timestamp) {
        let Some(cluster) = self.clusters.get_mut(arn) else {
            return;
        };
        cluster.leader = Some(instance.to_owned());
        cluster.status = ClusterStatus::Available;
        let message = format!("Completed failover to DB instance: {instance}.");
        self.tell_of_cluster(arn, "RDS-EVENT-0071", "failover", message, at);
    }
}

/// The instance that is asked for, or the first that does not lead already.
fn next_leader<'a>(cluster: &'a Cluster, wanted: Option<&str>) -> Result<&'a Instance, AwsError> {
    if cluster.status != ClusterStatus::Available {
        return Err(refusals::not_available(cluster));
    }
    let fits = |instance: &&Instance| {
        let asked_for = wanted.is_none_or(|wanted| wanted == instance.identifier);
        let leads = cluster.leader.as_ref() == Some(&instance.identifier);
        asked_for && !leads && instance.status == "available"
    };
    cluster.instances.iter().find(fits).ok_or_else(|| {
        refusals::invalid_cluster(format!(
            "DB cluster {} has no other available DB instance to fail over to.",
            cluster.identifier
        ))
    })
}
