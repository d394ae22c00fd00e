//! What is due happens, each thing at its own moment.

use std::time::Duration;

use jiff::Timestamp;

use super::Rds;
use super::cluster::{Becoming, ClusterStatus, Standing};
use super::durations::later;
use super::global::Kind;

/// How often RDS looks whether a dark region is back.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Something that happens at a moment that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// By the ARN of the old primary.
    Fence(String),
    /// By the identifier of the global database.
    Operation(String),
    Endpoint(String),
    /// By ARN.
    Cluster(String),
    Snapshot(String),
}

impl Rds {
    /// Lets everything happen that is due. Whoever changes what regions can reach calls it before, so that
    /// what is past is settled by what could be reached then.
    pub(crate) fn settle(&mut self) {
        let now = self.place.clock.now();
        while let Some((at, due)) = self.dues().into_iter().min().filter(|(at, _)| *at <= now) {
            self.replicate(at);
            self.happen(due, at);
        }
        self.replicate(now);
        self.notice_returns(now);
        // What has just been planned may be due at once.
        if self.dues().iter().any(|(at, _)| *at <= now) {
            self.settle();
        }
    }

    /// How long until the next thing is due.
    pub(super) fn next_due_in(&self) -> Option<Duration> {
        let now = self.place.clock.now();
        let at = self.dues().into_iter().map(|(at, _)| at).min()?;
        Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
    }

    fn dues(&self) -> Vec<(Timestamp, Due)> {
        let mut dues = Vec::new();
        for (identifier, global) in &self.globals {
            let operation = global.operation.as_ref();
            dues.extend(operation.map(|operation| (operation.next, Due::Operation(identifier.clone()))));
            dues.extend(
                global
                    .endpoint_moves
                    .map(|at| (at, Due::Endpoint(identifier.clone()))),
            );
        }
        for (arn, cluster) in &self.clusters {
            dues.extend(cluster.fence.map(|at| (at, Due::Fence(arn.clone()))));
            let becoming = cluster.becoming.as_ref();
            dues.extend(becoming.map(|(at, _)| (*at, Due::Cluster(arn.clone()))));
        }
        let snapshots = self
            .snapshots
            .iter()
            .filter_map(|snapshot| Some((snapshot.ready?, Due::Snapshot(snapshot.arn.clone()))));
        dues.extend(snapshots);
        dues
    }

    fn happen(&mut self, due: Due, at: Timestamp) {
        match due {
            Due::Operation(global) => self.go_on(&global, at),
            Due::Endpoint(global) => self.move_endpoint(&global, at),
            Due::Fence(arn) => self.end_fencing(&arn, at),
            Due::Cluster(arn) => self.become_next(&arn, at),
            Due::Snapshot(arn) => self.finish_snapshot(&arn, at),
        }
    }

    fn go_on(&mut self, global: &str, at: Timestamp) {
        let operation = self.globals.get(global).and_then(|known| known.operation.clone());
        let Some(operation) = operation else {
            return;
        };
        match operation.kind {
            Kind::Switchover => self.go_on_switching_over(global, &operation, at),
            Kind::Failover => self.go_on_failing_over(global, &operation, at),
        }
    }

    fn become_next(&mut self, arn: &str, at: Timestamp) {
        let lit = self.is_cluster_lit(arn);
        let Some(cluster) = self.clusters.get_mut(arn) else {
            return;
        };
        match cluster.becoming.take() {
            Some((_, Becoming::Standalone)) if lit => self.become_standalone(arn, at),
            Some((_, Becoming::LedBy { instance })) if lit => self.become_led_by(arn, &instance, at),
            Some((_, Becoming::Rediscovered)) if lit => self.begin_rebuild(arn, at),
            Some((_, Becoming::Rebuilt)) if lit => self.end_rebuild(arn, at),
            // It begins again when its region is back.
            Some((_, Becoming::Rediscovered | Becoming::Rebuilt)) | None => {}
            Some((_, stalled @ (Becoming::Standalone | Becoming::LedBy { .. }))) => {
                cluster.becoming = Some((later(at, LOOK_INTERVAL), stalled));
            }
        }
    }

    fn move_endpoint(&mut self, global: &str, at: Timestamp) {
        let Some(global) = self.globals.get_mut(global) else {
            return;
        };
        global.endpoint_moves = None;
        global.endpoint_at.clone_from(&global.writer);
        if let Some(writer) = global.writer.clone() {
            let message =
                "Aurora finished changing the DNS name that the global writer endpoint resolves to."
                    .to_owned();
            self.tell_of_cluster(&writer, "RDS-EVENT-0397", "global failover", message, at);
        }
    }

    pub(super) fn set_cluster_status(&mut self, arn: &str, status: ClusterStatus) {
        if let Some(cluster) = self.clusters.get_mut(arn) {
            cluster.status = status;
        }
    }

    pub(super) fn set_standing(&mut self, arn: &str, standing: Standing) {
        if let Some(cluster) = self.clusters.get_mut(arn) {
            cluster.standing = standing;
        }
    }

    pub(super) fn is_cluster_lit(&self, arn: &str) -> bool {
        let cluster = self.clusters.get(arn);
        cluster.is_some_and(|cluster| self.place.outages.is_lit(&cluster.region))
    }
}
