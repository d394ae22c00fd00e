//! One plan in the hands of one invocation.

use std::time::Duration;

use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};

use super::{Look, Run};
use crate::blocker::{Blocker, Code};
use crate::dr::Entry;
use crate::dr::account::Run as RunKept;
use crate::dr::loss;
use crate::dr::observation::Observation;
use crate::dr::phase::Action;
use crate::dr::plan::Step;
use crate::dr::policy::{
    ATTENDED_SECONDS_MAX, HEARTBEAT_SECONDS, HOOK_SECONDS_MAX, LEVEL_MILLISECONDS, LEVEL_SECONDS_MAX,
};
use crate::dr::ports::{HookAnswer, HookCall, Hooks, MigrationWatch, World};
use crate::dr::roles;
use crate::dr::side::Side;
use crate::dr::standing::{has_reached, while_open};
use crate::dr::state::State;
use crate::error::{PortError, chain};
use crate::generation::Generation;
use crate::journal::Outcome;
use crate::ports::{Clock, StateLog};
use crate::replication::{Seen, seconds_between};
use crate::report::StepReport;
use crate::stepping::{End, Stepping, Verdict, broken, failed, last_moment};

/// One entry being carried out.
pub(super) struct Execution<'a, W: World> {
    pub(super) run: &'a Run<'a, W>,
    pub(super) entry: &'a Entry,
    pub(super) to: Side,
    start: usize,
    /// The roles as the decision saw them; good for the first step only.
    pub(super) seen: Option<Observation>,
    /// The snapshot as it will be written.
    pub(super) state: State,
    /// Its account of this run.
    pub(super) account: RunKept,
    /// The role has changed.
    pub(super) reached: bool,
    pub(super) steps: Vec<StepReport>,
    written_at: Timestamp,
    /// Until then it may wait.
    last: Timestamp,
}

impl<'a, W: World> Execution<'a, W> {
    pub(super) fn new(
        run: &'a Run<'a, W>,
        entry: &'a Entry,
        look: &Look,
        detected: Timestamp,
        resumed: bool,
    ) -> Self {
        let earlier = look.standing.state.as_ref();
        // What somebody else has done is there from the beginning, whatever becomes of the rest.
        let there = resumed || entry.action == Action::Adopt;
        let reached = there && has_reached(entry, kept_run(earlier), &look.seen, run.settings);
        let to = target(entry);
        let mut account = earlier
            .and_then(|state| state.run.clone())
            .filter(|kept| kept.generation == entry.generation)
            .unwrap_or_else(|| {
                let kept_lag = look.standing.kept_lag();
                let lost = entry.action.is_forced() || entry.action == Action::Adopt;
                let loss = if lost {
                    loss::estimate_at(entry.at, &look.seen, kept_lag)
                } else {
                    None
                };
                RunKept::begun(entry, to, detected, loss)
            });
        account.left_off = false;
        let mut state = State::of(entry, while_open(entry, reached), Outcome::Open, earlier);
        run.refresh(&mut state, look);
        state.hold = None;
        let start = if resumed {
            first_open(entry, kept_run(earlier), &look.seen, run)
        } else {
            0
        };
        Self {
            run,
            entry,
            to,
            start,
            seen: Some(look.seen.clone()),
            state,
            account,
            reached,
            steps: Vec::new(),
            written_at: run.now(),
            last: last(run, look.seen.at),
        }
    }

    /// Writes down how far it has come.
    pub(super) async fn write_down(&mut self) -> Result<(), PortError> {
        self.written_at = self.run.now();
        self.state.updated_at = self.written_at;
        self.state.run = Some(self.account.clone());
        let saved = self.run.save(&mut self.state).await;
        // What an event told meanwhile was put beside it.
        self.account = self.account.clone().told_also(self.state.run.as_ref());
        saved
    }

    /// Waits a moment, if this invocation has time for one, and shows that it is alive.
    pub(super) async fn pause(&mut self, pause: Duration) -> bool {
        let clock = self.run.world.clock();
        let span = SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
        let then = clock.now().checked_add(span);
        if !then.is_ok_and(|then| then <= self.last) {
            return false;
        }
        let beat = self
            .written_at
            .checked_add(SignedDuration::from_secs(HEARTBEAT_SECONDS));
        if beat.is_ok_and(|beat| beat <= self.run.now()) {
            // A heartbeat that fails costs a second look by somebody else, nothing more.
            let ((), _failed) = join(clock.sleep(pause), self.write_down()).await;
        } else {
            clock.sleep(pause).await;
        }
        true
    }

    fn hook_call(&self, moment: &str) -> HookCall {
        HookCall {
            environment: self.run.settings.environment.clone(),
            moment: moment.to_owned(),
            action: self.entry.action.name().to_owned(),
            generation: self.entry.generation.number(),
            to: self.to,
            reason: self.entry.reason.as_str().to_owned(),
            dry_run: false,
        }
    }

    async fn ask_hook(&mut self) -> Verdict {
        let waited = seconds_between(self.entry.at, self.run.now());
        match self.run.world.hooks().ask(&self.hook_call("before")).await {
            Ok(HookAnswer::GoOn) => Verdict::Verified("goes on"),
            Ok(HookAnswer::Veto(why)) => failed(Blocker::new(
                Code::HookVeto,
                format!("the pre-hook vetoes it: {why}"),
            )),
            // One that cannot be reached is asked again: on the way back of a drill nobody is there to ask for it.
            Err(error) if error.class.is_passing() && waited <= HOOK_SECONDS_MAX => {
                Verdict::End(broken(error))
            }
            // Whoever put a hook there wants to be asked: no answer is no consent.
            Err(error) => failed(Blocker::new(
                Code::HookVeto,
                format!("the pre-hook did not answer: {}", chain(&error)),
            )),
        }
    }

    async fn tell_hook(&mut self) -> Verdict {
        match self.run.world.hooks().tell(&self.hook_call("after")).await {
            Ok(()) => Verdict::Verified("told"),
            Err(error) => {
                self.account
                    .note(&format!("the post-hook was not reached: {}", chain(&error)));
                Verdict::Verified("not reached")
            }
        }
    }

    async fn freeze(&mut self) -> Verdict {
        let reason = format!("the writer moves, DR generation {}", self.entry.generation);
        match self.run.world.migration().freeze(&reason).await {
            Ok(()) => Verdict::Verified("frozen"),
            Err(error) => Verdict::End(broken(error)),
        }
    }

    /// Replication is level: everything that the writer took has arrived.
    async fn await_level(&mut self, to: Side) -> Verdict {
        loop {
            let level = match self.run.lag_of(to).await {
                Seen::Known(reading) => reading.milliseconds <= LEVEL_MILLISECONDS,
                Seen::Unknown(_) => false,
            };
            if level {
                return Verdict::Verified("level");
            }
            if seconds_between(self.entry.at, self.run.now()) > LEVEL_SECONDS_MAX {
                let message = format!("replication was not level within {LEVEL_SECONDS_MAX} s");
                return failed(Blocker::new(Code::NotLevel, message));
            }
            if !self.pause(Duration::from_secs(crate::policy::POLL_SECONDS)).await {
                return Verdict::End(End::Waiting("replication to be level".to_owned()));
            }
        }
    }
}

/// Whoever waits for an answer has it before their client gives up and asks again.
fn last<W: World>(run: &Run<'_, W>, begun: Timestamp) -> Timestamp {
    let last = last_moment(run.invocation.deadline);
    if run.command.verb.is_unattended() {
        return last;
    }
    let patience = begun.checked_add(SignedDuration::from_secs(ATTENDED_SECONDS_MAX));
    patience.unwrap_or(last).min(last)
}

/// The side that an entry moves to.
pub(super) fn target(entry: &Entry) -> Side {
    let of_step = |step: &Step| match step {
        Step::Promote { to, .. } | Step::Serve { from: to } | Step::Verify { to } => Some(*to),
        Step::AwaitLevel { to } | Step::AwaitRole { to, .. } | Step::MoveRecords { to } => Some(*to),
        Step::ConfirmEndpoint { to } | Step::Configure { to } | Step::AwaitRouting { to } => Some(*to),
        Step::AskHook | Step::Freeze | Step::Refresh | Step::TellHook => None,
    };
    let found = entry.plan.steps.iter().find_map(of_step);
    found.unwrap_or(entry.record.writer)
}

fn kept_run(state: Option<&State>) -> Option<&RunKept> {
    state.and_then(|state| state.run.as_ref())
}

/// Where to go on: what stands before a promotion that has begun is over.
fn first_open<W: World>(
    entry: &Entry,
    kept: Option<&RunKept>,
    seen: &Observation,
    run: &Run<'_, W>,
) -> usize {
    let begun = |step: &Step| match step {
        Step::Promote { verb, to } => {
            let verb = RunKept::in_effect(kept, entry.generation, verb);
            roles::is_reached(seen, &verb, *to, run.settings) || roles::is_moving_to(seen, *to, run.settings)
        }
        Step::AskHook | Step::Freeze | Step::AwaitLevel { .. } | Step::AwaitRole { .. } => false,
        Step::Serve { .. } | Step::MoveRecords { .. } | Step::ConfirmEndpoint { .. } => false,
        Step::AwaitRouting { .. }
        | Step::Configure { .. }
        | Step::Refresh
        | Step::Verify { .. }
        | Step::TellHook => false,
    };
    entry.plan.steps.iter().position(begun).unwrap_or(0)
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
        self.seen = None;
    }

    async fn step(&mut self, step: Step) -> Verdict {
        let back = matches!(self.entry.action, Action::Failback | Action::DrillBack);
        let phase = step.phase(back);
        if phase != self.state.record.phase {
            let record = self.state.record.clone().entering(phase, self.run.now());
            self.state.record = record;
        }
        match step {
            Step::AskHook => self.ask_hook().await,
            Step::Freeze => self.freeze().await,
            Step::AwaitLevel { to } => self.await_level(to).await,
            Step::Promote { verb, to } => self.promote(&verb, to).await,
            Step::AwaitRole { verb, to } => self.await_role(&verb, to).await,
            Step::Serve { from } => self.serve(from).await,
            Step::AwaitRouting { to } => self.await_routing(to).await,
            Step::MoveRecords { to } => self.move_records(to).await,
            Step::ConfirmEndpoint { to } => self.confirm_endpoint(to).await,
            Step::Configure { to } => self.configure(to).await,
            Step::Refresh => self.refresh_instances().await,
            Step::Verify { to } => self.verify(to).await,
            Step::TellHook => self.tell_hook().await,
        }
    }

    fn reported(&mut self, report: StepReport) {
        self.steps.push(report);
    }
}
