//! Whether the new writer serves.

use std::time::Duration;

use super::execute::Execution;
use crate::blocker::{Blocker, Code};
use crate::dr::observation::Probed;
use crate::dr::plan::Step;
use crate::dr::policy::VERIFY_SECONDS_MAX;
use crate::dr::ports::{Probes, World};
use crate::dr::side::Side;
use crate::error::chain;
use crate::policy::POLL_SECONDS;
use crate::replication::seconds_between;
use crate::stepping::{End, Verdict, failed};

impl<W: World> Execution<'_, W> {
    /// It takes a write; without credentials, it has the role and is available.
    pub(super) async fn verify(&mut self, to: Side) -> Verdict {
        let begun = self.run.now();
        // Counted from what is written down: whoever goes on has no more patience than who began.
        let since = self.account.timeline.promoted.unwrap_or(self.entry.at);
        let since = since.max(self.entry.at);
        // Without an alarm that says so, routed is when everything for it was done.
        let steps = &self.entry.plan.steps;
        if !steps.iter().any(|step| matches!(step, Step::AwaitRouting { .. })) {
            self.account.timeline.routed.get_or_insert(begun);
        }
        let _late = self.write_down().await;
        loop {
            let why = match self.serves(to).await {
                Ok(how) => {
                    self.account.timeline.verified.get_or_insert(self.run.now());
                    return Verdict::Verified(how);
                }
                Err(blocker) if blocker.code == Code::NoInstances => return failed(blocker),
                Err(blocker) => blocker,
            };
            if seconds_between(since, self.run.now()) > VERIFY_SECONDS_MAX {
                return failed(why);
            }
            if !self.pause(Duration::from_secs(POLL_SECONDS)).await {
                return Verdict::End(End::Waiting("the new writer to serve".to_owned()));
            }
        }
    }

    async fn serves(&self, to: Side) -> Result<&'static str, Blocker> {
        let seen = self.run.roles(to).await;
        let not_yet = |message: String| Blocker::new(Code::ClusterNotAvailable, message);
        let Some(cluster) = seen.cluster(to).known() else {
            let why = seen.cluster(to).why_not().unwrap_or_default();
            return Err(not_yet(format!("the {to} cluster cannot be read: {why}")));
        };
        if cluster.instances.is_empty() {
            return Err(self.promoted_without_instances(to));
        }
        let Some(endpoint) = cluster.endpoint.as_deref() else {
            return Err(not_yet(format!("the {to} cluster has no endpoint")));
        };
        let probes = self.run.world.probes();
        match probes.write(to, endpoint).await {
            Some(Ok(())) => return Ok("written"),
            Some(Err(error)) => {
                return Err(not_yet(format!(
                    "the {to} cluster takes no write: {}",
                    chain(&error)
                )));
            }
            None => {}
        }
        match probes.probe(to, Some(endpoint)).await {
            Probed::Answers { writes: Some(false) } => {
                Err(not_yet(format!("the {to} cluster's endpoint takes no writes")))
            }
            Probed::Refused(why) | Probed::Silent(why) => Err(not_yet(format!(
                "the {to} cluster's endpoint does not answer: {why}"
            ))),
            Probed::Answers { .. } | Probed::NotAsked if !cluster.has_available_instance() => {
                Err(not_yet(format!("no instance of the {to} cluster is available")))
            }
            Probed::Answers { .. } | Probed::NotAsked => Ok("by role"),
        }
    }

    fn promoted_without_instances(&self, to: Side) -> Blocker {
        let cluster = self.run.settings.cluster(to);
        let message = format!(
            "the {to} cluster was promoted without instances and cannot serve: aws rds create-db-instance --region {} \
             --db-cluster-identifier {} --db-instance-identifier {}-1 --engine aurora-postgresql --db-instance-class \
             <as the old one's>",
            cluster.region(),
            cluster.identifier(),
            cluster.identifier()
        );
        Blocker::new(Code::NoInstances, message)
    }
}
