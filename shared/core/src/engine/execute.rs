//! One migration's plan in the hands of one invocation.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Look, Run};
use crate::error::PortError;
use crate::generation::Generation;
use crate::journal::Entry;
use crate::plan::Step;
use crate::policy::{POLL_SECONDS, WAIT_SECONDS_MAX};
use crate::ports::{Clock, Sighting, StateLog, TokenOf, World};
use crate::report::StepReport;
use crate::state::Settling;
use crate::stepping::{Stepping, Verdict, last_moment};
use crate::weight::{Pair, Traffic, Weights};

/// One entry being carried out by one invocation.
pub(crate) struct Execution<'a, W: World> {
    pub(super) run: &'a Run<'a, W>,
    pub(super) entry: &'a Entry,
    pub(super) start: usize,
    /// The traffic that the snapshot has for this very entry, if it has been written.
    pub(super) recorded: Option<Traffic>,
    /// The pairs as the decision saw them; good for the first step only.
    pub(super) sightings: Option<Vec<Sighting<TokenOf<W>>>>,
    /// Whether those were read when the entry had been claimed already. A sighting from before proves nothing.
    pub(super) seen_since: bool,
    pub(super) wait_until: Timestamp,
    pub steps: Vec<StepReport>,
    pub settling: Vec<Settling>,
    /// Weights that we ourselves brought about.
    pub moved: Vec<(Pair, Weights)>,
}

impl<'a, W: World> Execution<'a, W> {
    pub(super) fn new(run: &'a Run<'a, W>, entry: &'a Entry, look: &Look<W>, resumed: bool) -> Self {
        let observation = &look.sight.observation;
        let topology = run.settings.topology;
        let found = observation.traffic(topology).unwrap_or(entry.before.traffic);
        // What carries nothing out on the records is not repeated: the next look judges what came of it.
        let start = if resumed && entry.leaves_traffic_alone() {
            entry.plan.steps.len()
        } else if resumed {
            entry.plan.resume_at(topology, entry.before.traffic, found)
        } else {
            0
        };
        let last = last_moment(run.invocation.deadline);
        // Nobody waits for a tick's answer, so it may wait for the world as long as it lives.
        let wait_until = if run.command.verb.is_unattended() {
            last
        } else {
            wait_limit(observation.at).min(last)
        };
        let state = look.standing.state.as_ref();
        Self {
            run,
            entry,
            start,
            recorded: state
                .filter(|state| state.generation == entry.generation)
                .map(|state| state.record.traffic),
            sightings: Some(look.sight.sightings.clone()),
            seen_since: resumed,
            wait_until,
            steps: Vec::new(),
            settling: state.map(|state| state.settling.clone()).unwrap_or_default(),
            moved: Vec::new(),
        }
    }

    /// The time that this plan may take is up.
    pub(super) fn is_over(&self) -> bool {
        self.entry.give_up_at.is_some_and(|limit| self.run.now() >= limit)
    }

    /// Waits for the next look, if this invocation has time for one.
    pub(super) async fn pause(&self) -> bool {
        let clock = self.run.world.clock();
        let next = clock
            .now()
            .checked_add(SignedDuration::from_secs(POLL_SECONDS.cast_signed()));
        if next.is_ok_and(|next| next <= self.wait_until) {
            clock.sleep(Duration::from_secs(POLL_SECONDS)).await;
            return true;
        }
        false
    }
}

impl<W: World> Stepping for Execution<'_, W> {
    type Step = Step;

    fn steps(&self) -> &[Step] {
        &self.entry.plan.steps
    }

    fn start(&self) -> usize {
        self.start
    }

    fn name(step: &Step) -> &'static str {
        step.name()
    }

    async fn overtaken(&self) -> Result<Option<Generation>, PortError> {
        let next = self.entry.generation.next();
        let found = self.run.world.log().entry(next).await?;
        Ok(found.map(|entry| entry.generation))
    }

    fn forget_sightings(&mut self) {
        self.sightings = None;
    }

    async fn step(&mut self, step: Step) -> Verdict {
        match step {
            Step::SetWeights { pair, to } => self.set_weights(pair, to).await,
            Step::AwaitDrained { since } => self.await_drained(since).await,
            Step::StartReverse => self.start_reverse().await,
            Step::AwaitReverse => self.await_reverse().await,
            Step::StopReverse => self.stop_reverse().await,
            Step::ResumeTask { direction } => self.resume_task(direction).await,
            Step::AwaitCarriedBack => self.await_carried_back().await,
            Step::AwaitSettled { pair } => self.await_settled(pair).await,
        }
    }

    fn reported(&mut self, report: StepReport) {
        self.steps.push(report);
    }
}

/// Until when somebody who waits for the answer is kept waiting.
fn wait_limit(begun: Timestamp) -> Timestamp {
    begun
        .checked_add(SignedDuration::from_secs(WAIT_SECONDS_MAX))
        .unwrap_or(begun)
}
