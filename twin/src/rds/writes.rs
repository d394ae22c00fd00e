//! What clients write, where it is carried, and what is lost: a model of data just large enough to see a
//! split brain and a loss.

use std::time::Duration;

use jiff::Timestamp;

use super::Rds;
use super::cluster::{Cluster, Standing};
use super::refusals;
use crate::error::AwsError;

/// A write that a cluster accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteReceipt {
    /// Counts from 1, over all clusters.
    pub number: usize,
    pub cluster_arn: String,
    pub at: Timestamp,
}

/// A write that was accepted, but that the cluster that was promoted does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostWrite {
    pub write: WriteReceipt,
    pub promoted_arn: String,
}

/// Why a write was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteRefused {
    #[error("there is no such cluster")]
    UnknownCluster,
    #[error("its region does not answer")]
    RegionDark,
    #[error("it has no instance that answers")]
    NotServing,
    #[error("it follows another cluster")]
    ReadOnly,
    #[error("its writes are blocked")]
    Fenced,
}

impl Rds {
    /// A client in the cluster's own region writes to its writer's endpoint.
    pub fn write(&mut self, cluster: &str) -> Result<WriteReceipt, WriteRefused> {
        self.settle();
        let known = self.cluster(cluster).ok_or(WriteRefused::UnknownCluster)?;
        self.may_write(known)?;
        let arn = known.arn.clone();
        let receipt = WriteReceipt {
            number: self.writes.len() + 1,
            cluster_arn: arn.clone(),
            at: self.place.clock.now(),
        };
        self.lost.extend(self.lost_already(&receipt));
        if let Some(cluster) = self.clusters.get_mut(&arn) {
            cluster.held.push(self.writes.len());
        }
        self.writes.push(receipt.clone());
        Ok(receipt)
    }

    /// Whether a write to the cluster would be accepted now.
    #[must_use]
    pub fn takes_writes(&self, cluster: &str) -> bool {
        self.cluster(cluster)
            .is_some_and(|known| self.may_write(known).is_ok())
    }

    /// The ARNs of all clusters that would accept a write now.
    #[must_use]
    pub fn writable(&self) -> Vec<String> {
        let clusters = self.clusters.values();
        let writable = clusters.filter(|cluster| self.may_write(cluster).is_ok());
        writable.map(|cluster| cluster.arn.clone()).collect()
    }

    /// Every write that was ever accepted, in order.
    #[must_use]
    pub fn writes(&self) -> Vec<WriteReceipt> {
        self.writes.clone()
    }

    /// The accepted writes that a promotion has left behind.
    #[must_use]
    pub fn lost_writes(&self) -> Vec<LostWrite> {
        self.lost.clone()
    }

    /// The writes that a cluster holds, its own and those that were carried to it.
    #[must_use]
    pub fn held(&self, cluster: &str) -> Vec<WriteReceipt> {
        let held = self.cluster(cluster).map(|known| known.held.as_slice());
        let writes = held.unwrap_or_default().iter();
        writes
            .filter_map(|write| self.writes.get(*write).cloned())
            .collect()
    }

    fn may_write(&self, cluster: &Cluster) -> Result<(), WriteRefused> {
        if !self.place.outages.is_lit(&cluster.region) {
            return Err(WriteRefused::RegionDark);
        }
        match cluster.standing {
            Standing::Reader => Err(WriteRefused::ReadOnly),
            Standing::Fenced => Err(WriteRefused::Fenced),
            Standing::Writer if cluster.serves_writes() => Ok(()),
            Standing::Writer => Err(WriteRefused::NotServing),
        }
    }

    /// What an old primary accepts after another was promoted is lost from the beginning.
    fn lost_already(&self, write: &WriteReceipt) -> Option<LostWrite> {
        let cluster = self.clusters.get(&write.cluster_arn)?;
        let promoted_arn = cluster.superseded.then(|| self.promoted_over(&cluster.arn))??;
        Some(LostWrite {
            write: write.clone(),
            promoted_arn,
        })
    }

    /// Carries writes to every cluster that follows another and can reach it.
    pub(super) fn replicate(&mut self, at: Timestamp) {
        let following: Vec<(String, String)> = self
            .clusters
            .values()
            .filter_map(|cluster| Some((cluster.arn.clone(), self.followed_by(cluster)?.arn.clone())))
            .collect();
        for (arn, source) in following {
            let carried = at.saturating_sub(self.lag_of(&arn)).unwrap_or(at);
            self.carry(&source, &arn, carried, at);
        }
    }

    /// The cluster that this one follows, if it can be reached.
    pub(super) fn followed_by(&self, cluster: &Cluster) -> Option<&Cluster> {
        if cluster.standing != Standing::Reader || cluster.superseded {
            return None;
        }
        let writer = self.global_of(cluster).and_then(|global| global.writer.clone());
        let source = self.clusters.get(&writer.or_else(|| cluster.source.clone())?)?;
        let reached = self.place.outages.connected(&source.region, &cluster.region);
        (reached && source.arn != cluster.arn).then_some(source)
    }

    /// The secondary has everything now, however far it was behind.
    pub(super) fn copy_everything(&mut self, source: &str, arn: &str, at: Timestamp) {
        self.carry(source, arn, at, at);
    }

    fn carry(&mut self, source: &str, arn: &str, until: Timestamp, at: Timestamp) {
        let Some(held) = self.clusters.get(arn).map(|cluster| cluster.held.len()) else {
            return;
        };
        // A secondary holds the beginning of what its source holds.
        let arrived = |write: &&usize| self.writes.get(**write).is_some_and(|write| write.at <= until);
        let source = self.clusters.get(source).map(|source| source.held.as_slice());
        let missing = source.and_then(|all| all.get(held..)).unwrap_or_default();
        let carried: Vec<usize> = missing.iter().take_while(arrived).copied().collect();
        if let Some(cluster) = self.clusters.get_mut(arn) {
            cluster.held.extend(carried);
            cluster.carried = cluster.carried.max(until);
            cluster.heard = cluster.heard.max(at);
        }
    }

    pub(super) fn lag_of(&self, arn: &str) -> Duration {
        let own = self.clusters.get(arn).and_then(|cluster| cluster.lag);
        own.unwrap_or(self.lag)
    }

    /// Makes all secondaries and replicas this far behind, from now on.
    pub fn set_lag(&mut self, lag: Duration) {
        self.settle();
        self.lag = lag;
    }

    /// Makes one secondary or replica this far behind, whatever the others are.
    pub fn set_lag_of(&mut self, cluster: &str, lag: Duration) -> Result<(), AwsError> {
        self.settle();
        let known = self.cluster_mut(cluster);
        let known = known.ok_or_else(|| refusals::no_such_cluster(cluster))?;
        known.lag = Some(lag);
        Ok(())
    }
}
