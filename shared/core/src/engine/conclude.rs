//! What an execution came to: the snapshot, the notice, the answer.

use futures_util::future::join3;

use super::execute::{End, Execution, Trouble};
use super::{Look, Run};
use crate::blocker::Blocker;
use crate::command::Verb;
use crate::decide::cutover::readiness;
use crate::error::{Class, Failure, PortError, chain};
use crate::journal::{Entry, Outcome};
use crate::notice::{Kind, Notice, Severity, way_back};
use crate::observation::Observation;
use crate::phase::{Action, Phase};
use crate::ports::{Notifier, Probe, SetAnswer, StateLog, TrafficRouter, World};
use crate::record::{Pause, Record};
use crate::report::{self, Report, StepReport};
use crate::state::{Hold, State};
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
        let end = execution.carry_out().await;
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
        let mut state = State::of(entry, record, Outcome::Finished, look.standing.state.as_ref());
        self.follow(&mut state, &execution);
        self.refresh(&mut state, &look.sight.observation);
        let notice = if entry.action == Action::Undo {
            self.went_back(entry)
        } else {
            self.transition(entry, &state)
        };
        let moved = execution.moved.clone();
        let mut steps = execution.steps;
        let tell = async |worth: bool| {
            if worth {
                self.world.notifier().publish(&notice).await
            } else {
                Ok(())
            }
        };
        let tick = self.command.verb == Verb::Tick;
        let (written, mut told, next) = join3(
            self.world.log().write_state(&state),
            tell(!tick),
            self.world.log().entry(entry.generation.next()),
        )
        .await;
        if tick {
            // What could not be written down will be finished again in a minute: once is enough to tell it.
            told = tell(written.is_ok()).await;
        }
        steps.push(effect("write-state", &written));
        steps.push(effect("notify", &told));
        if let Ok(Some(_)) = next {
            self.take_back(&moved).await;
            return self.overtaken(look, entry, steps);
        }
        let mut report = self.report(&state.record, &look.sight.observation, report::Outcome::Done);
        report.generation = entry.generation;
        report.waiting_on = state.waiting_on();
        if written.is_err() {
            report.waiting_on.push("state".to_owned());
        }
        report.steps = steps;
        report.message = self.headline(entry, &state);
        Ok(report)
    }

    pub(super) async fn waiting(
        &self,
        look: &Look<W>,
        entry: &Entry,
        execution: Execution<'_, W>,
        what: String,
    ) -> Result<Report, Failure> {
        let state = self.open_state(look, entry, &execution);
        let mut steps = execution.steps;
        if look
            .standing
            .state
            .as_ref()
            .is_none_or(|before| differs(before, &state))
        {
            steps.push(effect("write-state", &self.world.log().write_state(&state).await));
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
        Ok(report)
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
        let mut state = State::of(entry, record, Outcome::Open, look.standing.state.as_ref());
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
        if self.command.action() != Action::Tick {
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
            let Some(wanted) = wanted(*pair).filter(|wanted| wanted != ours) else {
                continue;
            };
            for sighting in sightings.iter().filter(|sighting| sighting.seen.pair == *pair) {
                if crate::observation::weights_of(&sighting.seen) == Some(*ours) {
                    let _: Result<SetAnswer, PortError> = self.world.router().set(sighting, wanted).await;
                }
            }
        }
    }

    /// A call failed, and nothing is known to be wrong with the plan: the tick goes on with it. If that call will
    /// not work by itself, a person is told.
    pub(super) async fn stalled(
        &self,
        look: &Look<W>,
        entry: &Entry,
        execution: Execution<'_, W>,
        error: PortError,
    ) -> Result<Report, Failure> {
        let step = execution
            .steps
            .last()
            .map_or("its first step", |step| step.step.as_str());
        let generation = entry.generation;
        let sentence =
            format!("generation {generation} is claimed and stands at {step}; the tick goes on with it");
        match error.class {
            Class::Retryable | Class::Conflict => Err(Failure::from(error).within(sentence)),
            Class::Permanent | Class::NeedsHuman | Class::InvalidRequest => {
                let reached = self.open_state(look, entry, &execution);
                self.stuck(
                    look,
                    entry,
                    reached,
                    Trouble::Broken(error),
                    sentence,
                    execution.steps,
                )
                .await
            }
        }
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
        state.replication = Some(self.replication(observation));
        state.rollback = viability(&state.record, observation, policy, observation.at);
        state.ready_for_cutover = match state.record.phase {
            Phase::CutOver | Phase::Completed | Phase::CuttingOver | Phase::RollingBack => false,
            Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => {
                readiness(&state.record, observation, policy, topology).is_empty()
            }
            Phase::Shifting | Phase::RolledBack => {
                readiness(&state.record, observation, policy, topology).is_empty()
            }
        };
    }

    fn headline(&self, entry: &Entry, state: &State) -> String {
        let percent = |weights: Weights| weights.share().map_or(0, crate::weight::Weight::percent);
        let traffic = state.record.traffic;
        format!(
            "{} is done: the target has {} % of reads and {} % of writes",
            entry.action.name(),
            percent(traffic.reader),
            percent(traffic.writer)
        )
    }

    fn transition(&self, entry: &Entry, state: &State) -> Notice {
        let mut paragraphs = vec![format!(
            "Generation {} by {}, phase {}.",
            entry.generation,
            self.settings.function,
            state.record.phase.name()
        )];
        if !entry.reason.is_empty() {
            paragraphs.push(format!("Reason given: {}", entry.reason));
        }
        if !entry.forced.is_empty() {
            let codes: Vec<&str> = entry.forced.iter().map(|code| code.name()).collect();
            paragraphs.push(format!("Overridden by name: {}.", codes.join(", ")));
        }
        paragraphs.push(way_back(state.rollback));
        if state.rollback != Viability::Impossible {
            paragraphs.push(format!("To go back: {}", self.invoke(r#"{"action":"rollback"}"#)));
        }
        Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Info,
            kind: Kind::Transition,
            generation: entry.generation,
            headline: self.headline(entry, state),
            paragraphs,
        }
    }

    /// The command to type, in full.
    pub(super) fn invoke(&self, payload: &str) -> String {
        let (function, environment) = (&self.settings.function, &self.settings.environment);
        format!(
            "aws lambda invoke --function-name {function}-{environment} --payload '{payload}' response.json"
        )
    }

    async fn failed(
        &self,
        look: Look<W>,
        entry: &Entry,
        execution: Execution<'_, W>,
        trouble: Trouble,
    ) -> Result<Report, Failure> {
        if entry.during == Phase::CuttingOver {
            return self.go_back(look, entry, execution, trouble).await;
        }
        let reached = self.open_state(&look, entry, &execution);
        // What stands counts, whichever invocation brought it about.
        if entry.action == Action::Undo || reached.record.traffic != entry.before.traffic {
            let headline = format!("generation {} is half done", entry.generation);
            return self
                .stuck(&look, entry, reached, trouble, headline, execution.steps)
                .await;
        }
        let hold = trouble.hold(self.now());
        let sentence = format!("generation {} changed nothing", entry.generation);
        let denied = matches!(trouble, Trouble::Broken(_));
        if denied && self.command.verb == Verb::Tick {
            // The clock would try it again each minute, for ever: it waits for a person's resume.
            let reason = Text::new(&format!("{sentence}: {}", trouble.sentence()));
            let state = self
                .undone(
                    &look,
                    entry,
                    hold,
                    Some(Pause {
                        at: self.now(),
                        reason,
                    }),
                )
                .await;
            let mut report = self.held(&look, Vec::new(), trouble.sentence(), entry);
            report.outcome = report::Outcome::NeedsHuman;
            report.phase = state.record.phase;
            return Ok(report);
        }
        self.undone(&look, entry, hold, None).await;
        match trouble {
            Trouble::Blocked(blocker) => Ok(self.held(&look, vec![blocker], sentence, entry)),
            Trouble::Broken(error) => Err(Failure::from(error).within(sentence)),
        }
    }

    /// Records that a generation came to nothing, so that nobody takes it up again.
    pub(super) async fn undone(
        &self,
        look: &Look<W>,
        entry: &Entry,
        hold: Hold,
        pause: Option<Pause>,
    ) -> State {
        let mut paragraphs = vec![hold.message.as_str().to_owned()];
        if pause.is_some() {
            paragraphs.push(format!(
                "Paused. To go on: {}",
                self.invoke(r#"{"action":"resume"}"#)
            ));
        }
        let mut record = self.left_at(look, entry);
        record.paused = pause.or(record.paused);
        let mut state = State::of(entry, record, Outcome::Undone, look.standing.state.as_ref());
        self.refresh(&mut state, &look.sight.observation);
        state.hold = Some(hold);
        let notice = Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Undone,
            generation: entry.generation,
            headline: format!("{} was not carried out", entry.action.name()),
            paragraphs,
        };
        let (_written, _told) = futures_util::future::join(
            self.world.log().write_state(&state),
            self.world.notifier().publish(&notice),
        )
        .await;
        state
    }

    /// Where a generation that is given up leaves the traffic: before it, but for what it had moved already.
    fn left_at(&self, look: &Look<W>, entry: &Entry) -> Record {
        let mut traffic = entry.before.traffic;
        for pair in self.settings.topology.pairs() {
            let found = look.sight.observation.weights(*pair);
            if let Some(moved) = found.filter(|found| entry.record.traffic.of(*pair) == *found) {
                traffic = traffic.with(*pair, moved);
            }
        }
        let record = if traffic == entry.before.traffic {
            entry.before.clone()
        } else {
            entry.while_open()
        };
        record.carrying(traffic).at_rest(self.now())
    }

    /// Part of a plan stands and it cannot go on: the tick keeps at it, and a person is told, once per reason.
    pub(super) async fn stuck(
        &self,
        look: &Look<W>,
        entry: &Entry,
        mut reached: State,
        trouble: Trouble,
        headline: String,
        mut steps: Vec<StepReport>,
    ) -> Result<Report, Failure> {
        let hold = trouble.hold(self.now());
        let before = look.standing.state.as_ref();
        let held = before
            .filter(|state| state.generation == entry.generation)
            .and_then(|state| state.hold.as_ref());
        let known = held.filter(|held| held.codes == hold.codes).cloned();
        let notice = known
            .is_none()
            .then(|| self.needs_human(entry, &headline, &trouble, &reached));
        reached.hold = known.or(Some(hold));
        if before.is_none_or(|before| differs(before, &reached)) {
            steps.push(effect(
                "write-state",
                &self.world.log().write_state(&reached).await,
            ));
        }
        if let Some(notice) = notice {
            steps.push(effect("notify", &self.world.notifier().publish(&notice).await));
        }
        if self.command.verb != Verb::Tick {
            return Err(trouble.failure(&headline));
        }
        let mut report = self.report(
            &reached.record,
            &look.sight.observation,
            report::Outcome::NeedsHuman,
        );
        report.generation = entry.generation;
        report.message = format!("{headline}: {}", trouble.sentence());
        report.blockers = trouble.blockers();
        report.steps = steps;
        Ok(report)
    }

    fn needs_human(&self, entry: &Entry, why: &str, trouble: &Trouble, state: &State) -> Notice {
        Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::WaitingForYou,
            kind: Kind::NeedsHuman,
            generation: entry.generation,
            headline: format!("{} cannot go on by itself", entry.action.name()),
            paragraphs: vec![
                format!("{why}: {}", trouble.sentence()),
                format!(
                    "Reads stand at {}, writes at {}.",
                    state.record.traffic.reader, state.record.traffic.writer
                ),
                way_back(state.rollback),
                format!("To look: {}", self.invoke(r#"{"action":"status"}"#)),
            ],
        }
    }
}

/// Something an operator would care about changed; the reading itself did not have to.
pub(super) fn differs(before: &State, after: &State) -> bool {
    let comparable = |state: &State| State {
        updated_at: after.updated_at,
        replication: None,
        rollback: Viability::Lossless,
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
