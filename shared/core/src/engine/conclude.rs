//! What an execution came to: the snapshot, the notice, the answer.

use futures_util::future::join;

use super::execute::Execution;
use super::{Look, Run};
use crate::blocker::Blocker;
use crate::command::Verb;
use crate::decide::cutover::readiness;
use crate::error::{Class, Failure, PortError, chain};
use crate::gates;
use crate::journal::{Entry, Outcome};
use crate::notice::Notice;
use crate::observation::Observation;
use crate::phase::{Action, Phase};
use crate::ports::{Probe, SetAnswer, StateLog, TrafficRouter, World};
use crate::record::Record;
use crate::report::{self, Report, StepReport};
use crate::state::{CUTOVER_BLOCKERS_MAX, Hold, Reason, Replication, State};
use crate::stepping::{self, End};
use crate::text::Text;
use crate::viability::{Viability, viability};
use crate::weight::{Pair, Weights};

impl<W: World> Run<'_, W> {
    pub(super) async fn carry_out(
        &self,
        look: Look<W>,
        entry: &Entry,
        mut execution: Execution<'_, W>,
        forced: Vec<Blocker>,
    ) -> Result<Report, Failure> {
        let end = stepping::carry_out(&mut execution).await;
        let mut report = match end {
            End::Finished => self.finished(&look, entry, execution).await?,
            End::Waiting(what) => self.waiting(&look, entry, execution, what).await?,
            End::Superseded(_) => return self.superseded(&look, entry, execution).await,
            End::Stalled(error) => self.stalled(&look, entry, execution, error).await?,
            End::Failed(trouble) => self.failed(look, entry, execution, trouble).await?,
        };
        report.forced = forced;
        Ok(report)
    }

    async fn finished(
        &self,
        look: &Look<W>,
        entry: &Entry,
        execution: Execution<'_, W>,
    ) -> Result<Report, Failure> {
        let record = if entry.during == entry.record.phase {
            entry.record.clone()
        } else {
            Record {
                since: self.now(),
                ..entry.record.clone()
            }
        };
        let mut state = Self::reached(look, entry, record, Outcome::Finished);
        self.follow(&mut state, &execution);
        self.refresh(&mut state, &look.sight.observation);
        state.hold = Self::kept_hold(entry, &state);
        let notice = if entry.action == Action::Undo {
            self.went_back(entry)
        } else {
            self.transition(entry, &state)
        };
        let moved = execution.moved.clone();
        let mut steps = execution.steps;
        let (published, next) = join(
            self.publish(&mut state, entry, &notice),
            self.world.log().entry(entry.generation.next()),
        )
        .await;
        steps.extend(published.steps);
        if let Ok(Some(_)) = next {
            self.take_back(&moved).await;
            return self.overtaken(look, entry, steps);
        }
        let mut report = self.report(&state.record, &look.sight.observation, report::Outcome::Done);
        report.generation = entry.generation;
        report.waiting_on = state.waiting_on();
        if !published.written {
            report.waiting_on.push("state".to_owned());
        }
        report.steps = steps;
        report.message = Self::headline(entry, &state);
        Ok(report)
    }

    /// What a finished generation leaves held.
    fn kept_hold(entry: &Entry, state: &State) -> Option<Hold> {
        let kept = gates::not_held(&state.record, &[]);
        if kept.is_empty() {
            return None;
        }
        let hold = Hold::of(&kept, entry.at);
        Some(if entry.action == Action::Hold {
            Hold {
                message: Text::new(entry.reason.as_str()),
                ..hold
            }
        } else {
            hold
        })
    }

    pub(super) async fn waiting(
        &self,
        look: &Look<W>,
        entry: &Entry,
        execution: Execution<'_, W>,
        what: String,
    ) -> Result<Report, Failure> {
        let mut state = self.open_state(look, entry, &execution);
        let mut steps = execution.steps;
        if look
            .standing
            .state
            .as_ref()
            .is_none_or(|before| differs(before, &state))
        {
            steps.push(effect("write-state", &self.save(&mut state).await));
        }
        let mut report = self.report(
            &state.record,
            &look.sight.observation,
            report::Outcome::InProgress,
        );
        report.generation = entry.generation;
        report.steps = steps;
        report.message = format!(
            "generation {} waits for {what}; the tick goes on",
            entry.generation
        );
        report.waiting_on = vec![what];
        self.begun(entry, &state, &mut report).await;
        Ok(report)
    }

    /// What nobody asked for is told when it begins, if it has to wait.
    async fn begun(&self, entry: &Entry, state: &State, report: &mut Report) {
        if !matches!(self.command.verb, Verb::Guard { .. }) {
            return;
        }
        let notice = Notice {
            headline: format!("traffic is being taken back, {}", entry.reason),
            ..self.transition(entry, state)
        };
        report.steps.push(effect("notify", &self.tell(&notice).await));
    }

    /// The snapshot of an entry that is under way: no further than what was verified.
    pub(super) fn open_state(&self, look: &Look<W>, entry: &Entry, execution: &Execution<'_, W>) -> State {
        let mut traffic = look
            .sight
            .observation
            .traffic(self.settings.topology)
            .unwrap_or(entry.before.traffic);
        for (pair, weights) in &execution.moved {
            traffic = traffic.with(*pair, *weights);
        }
        let record = entry.while_open().carrying(traffic);
        let mut state = Self::reached(look, entry, record, Outcome::Open);
        self.follow(&mut state, execution);
        self.refresh(&mut state, &look.sight.observation);
        state
    }

    /// Somebody decided anew. What we did after that is taken back, and nothing is recorded in our name.
    async fn superseded(
        &self,
        look: &Look<W>,
        entry: &Entry,
        execution: Execution<'_, W>,
    ) -> Result<Report, Failure> {
        self.take_back(&execution.moved).await;
        self.overtaken(look, entry, execution.steps)
    }

    fn overtaken(&self, look: &Look<W>, entry: &Entry, steps: Vec<StepReport>) -> Result<Report, Failure> {
        let sentence = format!(
            "generation {} was overtaken by the next one and stopped",
            entry.generation
        );
        self.counts.conflict();
        if !self.command.verb.is_unattended() {
            return Err(Failure::new(Class::Conflict, sentence));
        }
        let mut report = self.report(
            &look.standing.record,
            &look.sight.observation,
            report::Outcome::Unchanged,
        );
        report.generation = entry.generation;
        report.steps = steps;
        report.message = sentence;
        Ok(report)
    }

    /// A weight that we set while the next generation had been claimed already may have come after its own
    /// change: it is set to what that generation wants. Whatever goes wrong here, the tick puts right.
    async fn take_back(&self, moved: &[(Pair, Weights)]) {
        if moved.is_empty() {
            return;
        }
        let Ok(log) = self.world.log().read(Probe::Head).await else {
            return;
        };
        let wanted = |pair: Pair| match (log.head(), &log.state) {
            (Some(head), _) if head.plan.is_instant() => Some(head.wants(pair)),
            // What it wants may have to wait, and its own steps go on from where it began.
            (Some(head), _) => Some(head.before.traffic.of(pair)),
            (None, Some(state)) => Some(state.record.traffic.of(pair)),
            (None, None) => None,
        };
        let Ok(sightings) = self.world.router().read().await else {
            return;
        };
        for (pair, ours) in moved {
            let Some(wanted) = wanted(*pair).filter(|wanted| wanted != ours && self.may_set(*ours, *wanted))
            else {
                continue;
            };
            for sighting in sightings.iter().filter(|sighting| sighting.seen.pair == *pair) {
                if crate::observation::weights_of(&sighting.seen) == Some(*ours) {
                    let _: Result<SetAnswer, PortError> = self.world.router().set(sighting, wanted).await;
                }
            }
        }
    }

    /// Alarms only ever take traffic back: moving it on is left to who was asked to, or to the tick.
    fn may_set(&self, from: Weights, to: Weights) -> bool {
        !matches!(self.command.verb, Verb::Guard { .. }) || to.target <= from.target
    }

    pub(super) fn follow(&self, state: &mut State, execution: &Execution<'_, W>) {
        let was_settling = !state.settling.is_empty();
        state.settling.clone_from(&execution.settling);
        if !state.settling.is_empty() {
            state.settled_at = None;
        } else if was_settling || !execution.moved.is_empty() || state.settled_at.is_none() {
            state.settled_at = Some(self.now());
        }
    }

    /// What of the snapshot follows from the last look.
    pub(super) fn refresh(&self, state: &mut State, observation: &Observation) {
        let (policy, topology) = (&self.settings.policy, self.settings.topology);
        state.updated_at = self.now();
        state.replication = Some(self.replication(observation, state.replication.as_ref()));
        state.rollback = viability(&state.record, observation, policy, observation.at);
        let blockers = match state.record.phase {
            Phase::CutOver | Phase::Completed | Phase::CuttingOver | Phase::RollingBack => None,
            Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => {
                Some(readiness(&state.record, observation, policy, topology))
            }
            Phase::Shifting | Phase::RolledBack => {
                Some(readiness(&state.record, observation, policy, topology))
            }
        };
        state.ready_for_cutover = blockers.as_ref().is_some_and(Vec::is_empty);
        let told = blockers.iter().flatten().take(CUTOVER_BLOCKERS_MAX);
        state.cutover_blockers = told.map(Reason::of).collect();
    }
}

/// Something an operator would care about changed; the reading itself did not have to.
pub(super) fn differs(before: &State, after: &State) -> bool {
    let comparable = |state: &State| State {
        updated_at: after.updated_at,
        replication: state.replication.as_ref().map(Replication::in_broad_terms),
        rollback: Viability::Lossless,
        cutover_blockers: state
            .cutover_blockers
            .iter()
            .map(Reason::without_numbers)
            .collect(),
        ..state.clone()
    };
    comparable(before) != comparable(after)
}

pub(super) fn effect(name: &str, result: &Result<(), PortError>) -> StepReport {
    match result {
        Ok(()) => StepReport::named(name, "done"),
        Err(error) => StepReport::named(name, format!("failed: {}", chain(error))),
    }
}
