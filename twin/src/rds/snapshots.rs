//! Cluster snapshots: what an old primary had that the new one has not, and copies of it.

use std::time::Duration;

use jiff::Timestamp;
use winterbaume_rds::model::{CopyDBClusterSnapshotMessage, DescribeDBClusterSnapshotsMessage};

use super::durations::later;
use super::telling::{News, Source};
use super::{Rds, refusals};
use crate::error::AwsError;

/// An automated snapshot lives as long as the cluster keeps its backups: a day, unless configured.
const AUTOMATED_LIFE: Duration = Duration::from_hours(24);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    pub arn: String,
    pub identifier: String,
    pub region: String,
    pub cluster: String,
    pub engine: String,
    pub engine_version: String,
    pub created: Timestamp,
    /// When it will be available, until it is.
    pub ready: Option<Timestamp>,
    pub kind: SnapshotKind,
    /// The ARN that it was copied from.
    pub source: Option<String>,
    pub encrypted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SnapshotKind {
    Automated,
    Manual,
}

impl SnapshotKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::Manual => "manual",
        }
    }
}

impl Rds {
    /// Keeps the volume of an old primary before it is built anew.
    pub(super) fn keep_lost_tail(&mut self, arn: &str, at: Timestamp) {
        let Some(cluster) = self.clusters.get(arn) else {
            return;
        };
        let identifier = format!(
            "rds:unplanned-global-failover-{}-{}",
            cluster.identifier,
            at.strftime("%Y%m%d%H%M%S")
        );
        self.begin_snapshot(
            Snapshot {
                arn: self.arn(&cluster.region, "cluster-snapshot", &identifier),
                identifier,
                region: cluster.region.clone(),
                cluster: cluster.identifier.clone(),
                engine: cluster.engine.clone(),
                engine_version: cluster.engine_version.clone(),
                created: at,
                ready: Some(self.drawn(self.durations.snapshot, at)),
                kind: SnapshotKind::Automated,
                source: None,
                encrypted: cluster.encrypted,
            },
            at,
        );
    }

    fn begin_snapshot(&mut self, snapshot: Snapshot, at: Timestamp) {
        let (event_id, message) = match snapshot.kind {
            SnapshotKind::Automated => ("RDS-EVENT-0168", "Creating automated cluster snapshot."),
            SnapshotKind::Manual => ("RDS-EVENT-0074", "Creating manual cluster snapshot."),
        };
        self.tell_of_snapshot(&snapshot, event_id, message, at);
        self.snapshots.push(snapshot);
    }

    pub(super) fn finish_snapshot(&mut self, arn: &str, at: Timestamp) {
        let Some(snapshot) = self.snapshots.iter_mut().find(|snapshot| snapshot.arn == arn) else {
            return;
        };
        snapshot.ready = None;
        let snapshot = snapshot.clone();
        let (event_id, message) = match snapshot.kind {
            SnapshotKind::Automated => ("RDS-EVENT-0169", "Automated cluster snapshot created."),
            SnapshotKind::Manual => ("RDS-EVENT-0075", "Manual cluster snapshot created."),
        };
        self.tell_of_snapshot(&snapshot, event_id, message, at);
    }

    fn tell_of_snapshot(
        &mut self,
        snapshot: &Snapshot,
        event_id: &'static str,
        message: &str,
        at: Timestamp,
    ) {
        self.tell(News {
            region: snapshot.region.clone(),
            at,
            source: Source::Snapshot,
            arn: snapshot.arn.clone(),
            identifier: snapshot.identifier.clone(),
            categories: vec!["backup"],
            message: message.to_owned(),
            event_id: Some(event_id),
        });
    }

    pub(super) fn snapshots_in(
        &self,
        region: &str,
        request: &DescribeDBClusterSnapshotsMessage,
    ) -> Result<Vec<&Snapshot>, AwsError> {
        let named = request.d_b_cluster_snapshot_identifier.as_deref();
        let cluster = request.d_b_cluster_identifier.as_deref();
        let kind = request.snapshot_type.as_deref();
        let found: Vec<&Snapshot> = self
            .living_snapshots()
            .filter(|snapshot| snapshot.region == region)
            .filter(|snapshot| named.is_none_or(|name| snapshot.identifier == name || snapshot.arn == name))
            .filter(|snapshot| {
                cluster.is_none_or(|name| {
                    name == snapshot.cluster || name.ends_with(&format!(":{}", snapshot.cluster))
                })
            })
            .filter(|snapshot| kind.is_none_or(|kind| kind == snapshot.kind.name()))
            .collect();
        match named {
            Some(name) if found.is_empty() => Err(refusals::no_such_snapshot(name)),
            Some(_) | None => Ok(found),
        }
    }

    /// Copies a snapshot of the region, or of another by its ARN. The copy does not expire.
    pub(super) fn copy_snapshot(
        &mut self,
        region: &str,
        request: &CopyDBClusterSnapshotMessage,
    ) -> Result<Snapshot, AwsError> {
        let wanted = &request.source_d_b_cluster_snapshot_identifier;
        let target = &request.target_d_b_cluster_snapshot_identifier;
        let is_wanted = |snapshot: &&Snapshot| {
            snapshot.arn == *wanted || (snapshot.region == region && snapshot.identifier == *wanted)
        };
        let source = self.living_snapshots().find(is_wanted).cloned();
        let source = source
            .filter(|source| self.place.outages.connected(region, &source.region))
            .ok_or_else(|| refusals::no_such_snapshot(wanted))?;
        if source.ready.is_some() {
            return Err(AwsError::refused(
                "InvalidDBClusterSnapshotStateFault",
                format!("DBClusterSnapshot {wanted} is not in available state."),
            ));
        }
        if self
            .living_snapshots()
            .any(|other| other.region == region && other.identifier == *target)
        {
            return Err(refusals::exists("DBClusterSnapshotAlreadyExistsFault", target));
        }
        let now = self.place.clock.now();
        let copy = Snapshot {
            arn: self.arn(region, "cluster-snapshot", target),
            identifier: target.clone(),
            region: region.to_owned(),
            created: now,
            ready: Some(self.drawn(self.durations.snapshot, now)),
            kind: SnapshotKind::Manual,
            source: Some(source.arn.clone()),
            ..source
        };
        self.begin_snapshot(copy.clone(), now);
        Ok(copy)
    }

    fn living_snapshots(&self) -> impl Iterator<Item = &Snapshot> {
        let now = self.place.clock.now();
        self.snapshots.iter().filter(move |snapshot| match snapshot.kind {
            SnapshotKind::Manual => true,
            SnapshotKind::Automated => now < later(snapshot.created, AUTOMATED_LIFE),
        })
    }
}
