//! What RDS looks at before it moves the writer of a global database, and the beginning of the move.

use winterbaume_rds::model::{FailoverGlobalClusterMessage, SwitchoverGlobalClusterMessage};

use super::cluster::{Cluster, ClusterStatus};
use super::global::{Kind, Operation};
use super::{Rds, refusals};
use crate::error::AwsError;

impl Rds {
    /// Without `AllowDataLoss` this is a switchover, and needs what a switchover needs.
    pub(super) fn fail_over_global(
        &mut self,
        region: &str,
        request: &FailoverGlobalClusterMessage,
    ) -> Result<(), AwsError> {
        let forced = request.allow_data_loss == Some(true);
        if forced && request.switchover == Some(true) {
            return Err(AwsError::refused(
                "InvalidParameterCombination",
                "AllowDataLoss and Switchover can't be specified together.",
            ));
        }
        let kind = if forced { Kind::Failover } else { Kind::Switchover };
        self.begin(
            kind,
            region,
            &request.global_cluster_identifier,
            &request.target_db_cluster_identifier,
        )
    }

    pub(super) fn switch_over_global(
        &mut self,
        region: &str,
        request: &SwitchoverGlobalClusterMessage,
    ) -> Result<(), AwsError> {
        self.begin(
            Kind::Switchover,
            region,
            &request.global_cluster_identifier,
            &request.target_db_cluster_identifier,
        )
    }

    /// Somebody else asks for a forced failover, in the console of the target's region.
    pub fn console_failover(&mut self, global: &str, target: &str) -> Result<(), AwsError> {
        self.begin_by_console(Kind::Failover, global, target)
    }

    /// Somebody else asks for a switchover, in the console of the primary's region.
    pub fn console_switchover(&mut self, global: &str, target: &str) -> Result<(), AwsError> {
        self.begin_by_console(Kind::Switchover, global, target)
    }

    fn begin_by_console(&mut self, kind: Kind, global: &str, target: &str) -> Result<(), AwsError> {
        let target = self.cluster(target).map(|cluster| cluster.arn.clone());
        let target = target.ok_or_else(|| refusals::no_such_cluster(global))?;
        let writer = self.globals.get(global).and_then(|known| known.writer.clone());
        let asked_at = match kind {
            Kind::Failover => self.clusters.get(&target),
            Kind::Switchover => writer.and_then(|writer| self.clusters.get(&writer)),
        };
        let region = asked_at.map(|cluster| cluster.region.clone()).unwrap_or_default();
        self.begin(kind, &region, global, &target)
    }

    fn begin(&mut self, kind: Kind, region: &str, global: &str, target: &str) -> Result<(), AwsError> {
        let (from, to) = self.movable(region, global, target)?;
        match kind {
            Kind::Switchover => self.may_switch_over(region, &from, &to)?,
            Kind::Failover => may_fail_over(region, &to)?,
        }
        if from.engine_version != to.engine_version {
            return Err(refusals::invalid_cluster(format!(
                "The target cluster {} runs engine version {}, which is not compatible with version {} of the primary cluster {}.",
                to.identifier, to.engine_version, from.engine_version, from.identifier
            )));
        }
        let now = self.place.clock.now();
        let next = self.drawn(self.durations.verification, now);
        let operation = Operation::begun(kind, &from.arn, &to.arn, now, next);
        if let Some(global) = self.globals.get_mut(global) {
            global.operation = Some(operation);
        }
        Ok(())
    }

    /// The primary, and the secondary that is to take its place.
    fn movable(&self, region: &str, global: &str, target: &str) -> Result<(Cluster, Cluster), AwsError> {
        let known = self.global_seen_from(region, global)?;
        if !known.members.iter().any(|member| member == target) {
            return Err(refusals::no_such_cluster(target));
        }
        let to = self.clusters.get(target).cloned();
        let to = to.ok_or_else(|| refusals::no_such_cluster(target))?;
        if let Some(operation) = &known.operation {
            return Err(refusals::invalid_global(format!(
                "Global cluster {global} is in state {operation} and can't be switched over or failed over."
            )));
        }
        let from = known.writer.as_ref().and_then(|writer| self.clusters.get(writer));
        let from = from.cloned().ok_or_else(|| {
            refusals::invalid_global(format!("Global cluster {global} has no primary cluster."))
        })?;
        if from.arn == to.arn {
            return Err(refusals::invalid_global(format!(
                "The target cluster {} is the primary cluster already.",
                to.identifier
            )));
        }
        let usable = to.status == ClusterStatus::Available && !to.superseded;
        if !usable || !self.place.outages.is_lit(&to.region) {
            return Err(refusals::not_available(&to));
        }
        Ok((from, to))
    }

    /// A switchover needs both sides, and somebody on the other side to take over.
    fn may_switch_over(&self, region: &str, from: &Cluster, to: &Cluster) -> Result<(), AwsError> {
        if !self.place.outages.connected(&from.region, &to.region) {
            return Err(refusals::invalid_cluster(format!(
                "The primary cluster {} is not reachable.",
                from.identifier
            )));
        }
        if region != from.region {
            return Err(refusals::invalid_cluster(format!(
                "A switchover must be requested in {}, the Region of the primary cluster.",
                from.region
            )));
        }
        if from.status != ClusterStatus::Available {
            return Err(refusals::not_available(from));
        }
        if to.serving().is_none() {
            return Err(refusals::invalid_cluster(format!(
                "The target cluster {} has no available DB instance.",
                to.identifier
            )));
        }
        Ok(())
    }
}

fn may_fail_over(region: &str, to: &Cluster) -> Result<(), AwsError> {
    if region == to.region {
        return Ok(());
    }
    Err(refusals::invalid_cluster(format!(
        "A failover must be requested in {}, the Region of the target cluster.",
        to.region
    )))
}
