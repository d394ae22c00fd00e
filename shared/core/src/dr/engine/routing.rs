//! Leading the traffic to the new writer: the data plane first, then what needs a control plane, as far as it goes.

use std::time::Duration;

use super::execute::Execution;
use crate::dr::account::Left;
use crate::dr::policy::{ENDPOINT_SECONDS_MAX, ROUTING_SECONDS_MAX};
use crate::dr::ports::{Application, Routes, World};
use crate::dr::side::Side;
use crate::error::chain;
use crate::replication::seconds_between;
use crate::stepping::{End, Verdict};

impl<W: World> Execution<'_, W> {
    /// The metric that health checks follow. Should it fail, the tick publishes it every minute.
    pub(super) async fn serve(&mut self, from: Side) -> Verdict {
        match self.run.world.routes().serve(from).await {
            Ok(()) => Verdict::Verified("published"),
            Err(error) => {
                self.account
                    .note(&format!("the serve metric was not published: {}", chain(&error)));
                Verdict::Verified("left to the tick")
            }
        }
    }

    /// Nobody is led anywhere before the alarm has followed: what is reached is reached then, and not when it was asked for.
    pub(super) async fn await_routing(&mut self, to: Side) -> Verdict {
        let begun = self.account.timeline.promoted.unwrap_or(self.entry.at);
        loop {
            if self.run.world.routes().leads_to().await == Some(to) {
                self.account.timeline.routed.get_or_insert(self.run.now());
                return Verdict::Verified("followed");
            }
            let waited = seconds_between(begun, self.run.now());
            if waited > ROUTING_SECONDS_MAX {
                self.account
                    .note(&format!("the routing alarm has not followed within {waited} s"));
                return Verdict::Verified("not confirmed");
            }
            if !self.pause(Duration::from_secs(crate::policy::POLL_SECONDS)).await {
                return Verdict::End(End::Waiting("the routing alarm".to_owned()));
            }
        }
    }

    pub(super) async fn move_records(&mut self, to: Side) -> Verdict {
        match self.run.world.routes().move_records(to).await {
            Ok(_) => Verdict::Verified("done"),
            Err(error) => {
                self.account
                    .note(&format!("the records were not moved: {}", chain(&error)));
                self.account.leave(Left::Records);
                Verdict::Verified("left to the tick")
            }
        }
    }

    /// Aurora changes it by itself: it is looked for, for as long as that takes as a rule.
    pub(super) async fn confirm_endpoint(&mut self, to: Side) -> Verdict {
        let begun = self.run.now();
        loop {
            let seen = self.run.roles(to).await;
            let global = seen.global.as_ref().and_then(|global| global.known());
            let endpoint = global.and_then(|global| global.endpoint.clone());
            let cluster = seen
                .cluster(to)
                .known()
                .and_then(|cluster| cluster.endpoint.clone());
            let (Some(endpoint), Some(cluster)) = (endpoint, cluster) else {
                self.account
                    .note("the global writer endpoint could not be looked up");
                return Verdict::Verified("not confirmed");
            };
            let routes = self.run.world.routes();
            if routes.endpoint_leads_to(&endpoint, &cluster).await == Some(true) {
                return Verdict::Verified("confirmed");
            }
            let waited = seconds_between(begun, self.run.now());
            let moment = Duration::from_secs(crate::policy::POLL_SECONDS);
            if waited > ENDPOINT_SECONDS_MAX || !self.pause(moment).await {
                self.account.note(&format!(
                    "the global writer endpoint did not follow within {waited} s"
                ));
                return Verdict::Verified("not confirmed");
            }
        }
    }

    pub(super) async fn configure(&mut self, to: Side) -> Verdict {
        let Some(endpoint) = self.endpoint(to).await else {
            self.account
                .note("the application was not configured: the endpoint is not known");
            self.account.leave(Left::Application);
            return Verdict::Verified("left to the tick");
        };
        match self.run.world.application().configure(to, &endpoint).await {
            Ok(()) => Verdict::Verified("done"),
            Err(error) => {
                self.account
                    .note(&format!("the application was not configured: {}", chain(&error)));
                self.account.leave(Left::Application);
                Verdict::Verified("left to the tick")
            }
        }
    }

    /// Once for each run, however often it is resumed.
    pub(super) async fn refresh_instances(&mut self) -> Verdict {
        if self.account.refreshed {
            return Verdict::Verified("started before");
        }
        match self.run.world.application().refresh().await {
            Ok(_) => {
                self.account.refreshed = true;
                Verdict::Verified("started")
            }
            Err(error) => {
                self.account
                    .note(&format!("the instances were not replaced: {}", chain(&error)));
                Verdict::Verified("not started")
            }
        }
    }

    /// The writer endpoint of the new side, as it is now or as it was last seen.
    pub(super) async fn endpoint(&self, to: Side) -> Option<String> {
        let seen = self.run.roles(to).await;
        let now = seen
            .cluster(to)
            .known()
            .and_then(|cluster| cluster.endpoint.clone());
        now.or_else(|| self.state.endpoints.of(to).map(str::to_owned))
    }
}
