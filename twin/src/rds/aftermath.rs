//! An old primary after a forced failover: found again, built anew from the new primary, a secondary again.

use jiff::Timestamp;

use super::Rds;
use super::cluster::{Becoming, ClusterStatus, Standing};
use super::durations::Fencing;

impl Rds {
    /// Old primaries that can be reached again are put in order: their writes are blocked at once if that
    /// can be done, and otherwise they go on until RDS gets to them.
    pub(super) fn notice_returns(&mut self, now: Timestamp) {
        let waiting = self
            .clusters
            .values()
            .filter(|cluster| cluster.superseded && cluster.becoming.is_none() && cluster.fence.is_none());
        let arns: Vec<String> = waiting.map(|cluster| cluster.arn.clone()).collect();
        for arn in arns {
            let Some(promoted) = self.promoted_over(&arn) else {
                continue;
            };
            let (_, region) = self.name_and_region(&arn);
            let (_, promoted_region) = self.name_and_region(&promoted);
            if self.place.outages.connected(&region, &promoted_region) {
                self.plan_rebuild(&arn, &promoted, now);
            }
        }
    }

    fn plan_rebuild(&mut self, arn: &str, promoted: &str, now: Timestamp) {
        let unfenced = self
            .clusters
            .get(arn)
            .is_some_and(|cluster| cluster.standing == Standing::Writer);
        let mut rediscovered = now;
        if unfenced && self.fencing == Fencing::Succeeds {
            self.set_standing(arn, Standing::Fenced);
            self.tell_of_fencing(arn, promoted, true, now);
        } else if unfenced {
            rediscovered = self.drawn(self.durations.rediscovery, now);
        }
        if let Some(cluster) = self.clusters.get_mut(arn) {
            cluster.becoming = Some((rediscovered, Becoming::Rediscovered));
        }
    }

    pub(super) fn begin_rebuild(&mut self, arn: &str, at: Timestamp) {
        let Some(promoted) = self.promoted_over(arn) else {
            return;
        };
        let rebuilt = self.drawn(self.durations.rebuild, at);
        let (name, region) = self.name_and_region(arn);
        if let Some(cluster) = self.clusters.get_mut(arn) {
            cluster.standing = Standing::Reader;
            cluster.status = ClusterStatus::Resyncing;
            cluster.becoming = Some((rebuilt, Becoming::Rebuilt));
        }
        if self.has_lost_tail(arn, &promoted) {
            self.keep_lost_tail(arn, at);
        }
        let message = format!(
            "Started resynchronizing members of DB cluster {name} in Region {region} after global failover."
        );
        self.tell_of_cluster(arn, "RDS-EVENT-0240", "global failover", message, at);
    }

    pub(super) fn end_rebuild(&mut self, arn: &str, at: Timestamp) {
        let (name, region) = self.name_and_region(arn);
        let source = self.promoted_over(arn);
        if let Some(cluster) = self.clusters.get_mut(arn) {
            cluster.status = ClusterStatus::Available;
            cluster.superseded = false;
            cluster.held.clear();
            cluster.becoming = None;
        }
        if let Some(source) = source {
            self.copy_everything(&source, arn, at);
        }
        let message = format!(
            "Finished resynchronizing members of DB cluster {name} in Region {region} after global failover."
        );
        self.tell_of_cluster(arn, "RDS-EVENT-0241", "global failover", message, at);
    }

    fn has_lost_tail(&self, arn: &str, promoted: &str) -> bool {
        match (self.clusters.get(arn), self.clusters.get(promoted)) {
            (Some(old), Some(new)) => old.held.iter().any(|write| !new.held.contains(write)),
            (None, _) | (_, None) => false,
        }
    }
}
