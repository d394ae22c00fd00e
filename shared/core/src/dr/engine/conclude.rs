//! What an execution came to: the snapshot, the notice, the answer.

use super::execute::Execution;
use super::{Look, Run};
use crate::blocker::Code;
use crate::dr::Entry;
use crate::dr::account::Run as RunKept;
use crate::dr::decide::reasons;
use crate::dr::phase::{Action, Phase};
use crate::dr::policy::TAIL_HOURS;
use crate::dr::ports::World;
use crate::dr::record::Record;
use crate::dr::report::Report;
use crate::dr::state::{Hold, State};
use crate::error::{Class, Failure, PortError, chain};
use crate::generation::Generation;
use crate::journal::Outcome;
use crate::notice::Notice;
use crate::report::{self, StepReport};
use crate::stepping::{self, End, Trouble};
use crate::text::Text;
use crate::told::TellingKey;

impl<W: World> Run<'_, W> {
    pub(super) async fn carry_out(
        &self,
        look: &Look,
        entry: &Entry,
        mut execution: Execution<'_, W>,
    ) -> Result<Report, Failure> {
        match stepping::carry_out(&mut execution).await {
            End::Finished => Ok(self.finished(look, entry, execution).await),
            End::Waiting(what) => Ok(self.waiting(look, execution, what).await),
            End::Stalled(error) => Ok(self.waiting(look, execution, chain(&error)).await),
            End::Superseded(later) => self.superseded(look, entry, execution, later),
            End::Failed(trouble) => Ok(self.failed(look, entry, execution, trouble).await),
        }
    }

    async fn finished(&self, look: &Look, entry: &Entry, execution: Execution<'_, W>) -> Report {
        let forced = entry.action.is_forced() || entry.action == Action::Adopt;
        let record = Record {
            since: self.now(),
            detached: entry.record.detached || execution.account.detaches,
            ..entry.record.clone()
        };
        let mut state = Self::ended(&execution, record, Outcome::Finished);
        if let Some(run) = &mut state.run {
            let hours = jiff::SignedDuration::from_hours(TAIL_HOURS);
            run.tail_until = self.now().checked_add(hours).ok().filter(|_| forced);
        }
        self.measure(&mut state, forced);
        let notice = self.run_is_over(entry, &state);
        let mut steps = execution.steps;
        steps.extend(self.publish(&mut state, entry, &notice).await);
        let mut report = self.answer(look, report::Outcome::Done, &notice.headline);
        self.show(&mut report, &state);
        report.steps = steps;
        report.waiting_on = waiting_on(&state);
        report
    }

    /// Recovery time and point go into the line of history that this run has.
    fn measure(&self, state: &mut State, forced: bool) {
        let Some(run) = &state.run else {
            return;
        };
        let figures = run
            .timeline
            .figures(&self.settings.policy.objectives, run.loss, forced);
        let seconds = |part: &str| {
            let mut found = figures.iter().filter(|figure| figure.part == part);
            found.next().and_then(|figure| figure.seconds)
        };
        if let Some(line) = state.history.first_mut() {
            line.rto = seconds("rto");
            line.rpo = seconds("rpo");
        }
    }

    fn ended(execution: &Execution<'_, W>, record: Record, outcome: Outcome) -> State {
        let mut state = execution.state.clone();
        if let Some(line) = state.history.first_mut() {
            line.phase = record.phase;
            line.writer = record.writer;
        }
        state.record = record;
        state.outcome = outcome;
        state.run = Some(RunKept {
            left_off: false,
            ..execution.account.clone()
        });
        state.updated_at = execution.run.now();
        state
    }

    async fn waiting(&self, look: &Look, mut execution: Execution<'_, W>, what: String) -> Report {
        execution.account.left_off = true;
        let written = execution.write_down().await;
        let generation = execution.entry.generation;
        let message = format!("generation {generation} waits for {what}; the tick goes on");
        let mut report = self.answer(look, report::Outcome::InProgress, &message);
        self.show(&mut report, &execution.state);
        let begun = self.begun(execution.entry, &mut execution.state).await;
        report.steps = execution.steps;
        report.steps.push(effect("write-state", &written));
        report.steps.extend(begun);
        report.waiting_on = vec![what];
        report
    }

    fn superseded(
        &self,
        look: &Look,
        entry: &Entry,
        execution: Execution<'_, W>,
        later: Generation,
    ) -> Result<Report, Failure> {
        let sentence = format!(
            "generation {} was overtaken by {later} and stopped",
            entry.generation
        );
        self.counts.conflict();
        if !self.command.verb.is_unattended() {
            return Err(Failure::new(Class::Conflict, sentence));
        }
        let mut report = self.answer(look, report::Outcome::Unchanged, &sentence);
        report.generation = entry.generation;
        report.steps = execution.steps;
        Ok(report)
    }

    /// Before the role has changed, a planned move is as if it had never been; whatever may have lost writes, or has
    /// moved the writer already, is for a person.
    async fn failed(
        &self,
        look: &Look,
        entry: &Entry,
        execution: Execution<'_, W>,
        trouble: Trouble,
    ) -> Report {
        let now = self.now();
        // AWS may still be at it: nobody can say that nothing has changed.
        let is_late = matches!(&trouble, Trouble::Blocked(blocker) if blocker.code == Code::InProgress);
        let planned = !entry.action.is_forced() && entry.action != Action::Adopt;
        let undone = planned && !execution.reached && !is_late;
        let back_from_drill = entry.action == Action::DrillBack;
        let record = if undone && !back_from_drill {
            entry.before.clone()
        } else if execution.reached {
            let reached = Record {
                detached: entry.record.detached || execution.account.detaches,
                drilling: false,
                ..entry.record.clone()
            };
            reached.entering(Phase::NeedsHuman, now)
        } else {
            let before = Record {
                drilling: false,
                ..entry.before.clone()
            };
            before.entering(Phase::NeedsHuman, now)
        };
        let outcome = if execution.reached {
            Outcome::Finished
        } else {
            Outcome::Undone
        };
        let needs_human = record.phase == Phase::NeedsHuman;
        let mut state = Self::ended(&execution, record, outcome);
        let blockers = match &trouble {
            Trouble::Blocked(blocker) => vec![blocker.clone()],
            Trouble::Broken(_) => Vec::new(),
        };
        state.hold = Some(Hold {
            message: Text::new(&trouble.sentence()),
            ..Hold::of(&blockers, now)
        });
        let notice = self.went_wrong(entry, &state, &trouble.sentence(), needs_human);
        let mut steps = execution.steps;
        steps.extend(self.publish(&mut state, entry, &notice).await);
        let outcome = if needs_human {
            report::Outcome::NeedsHuman
        } else {
            report::Outcome::Held
        };
        let mut report = self.answer(
            look,
            outcome,
            &format!("{}: {}", notice.headline, trouble.sentence()),
        );
        self.show(&mut report, &state);
        report.steps = steps;
        report.blockers = blockers;
        report
    }

    /// A change of the record alone: what was suspected, armed, acknowledged.
    pub(super) async fn noted(&self, look: &Look, entry: &Entry) -> Report {
        let earlier = look.standing.state.as_ref();
        let mut state = State::of(entry, entry.record.clone(), Outcome::Finished, earlier);
        self.refresh(&mut state, look);
        if matches!(entry.action, Action::Clear | Action::Acknowledge) {
            state.hold = None;
        }
        let held = if entry.action == Action::Hold {
            reasons(&self.question(look))
        } else {
            Vec::new()
        };
        if !held.is_empty() {
            state.hold = Some(Hold::of(&held, entry.at));
        }
        let notice = self.note_of(entry, &state, look, &held);
        let mut report = self.answer(look, report::Outcome::Done, &notice.headline);
        report.steps = self.publish(&mut state, entry, &notice).await;
        self.show(&mut report, &state);
        report
    }

    /// Writes the snapshot and tells people. Neither holds up or undoes the move itself: what could not be sent is
    /// owed, and the tick sends it.
    pub(super) async fn publish(&self, state: &mut State, entry: &Entry, notice: &Notice) -> Vec<StepReport> {
        let generation = entry.generation;
        let key = telling_key(entry, notice);
        if key.is_some_and(|key| self.knows(state, key)) {
            let written = self.save(state).await;
            return vec![
                effect("write-state", &written),
                StepReport::named("notify", "told already"),
            ];
        }
        // Nobody would miss what a function dies with that nobody waits for: until it is sent, it is owed.
        state.untold.owe(generation);
        let (written, told) = futures_util::future::join(self.save(state), self.tell(notice)).await;
        let mut steps = vec![effect("write-state", &written), effect("notify", &told)];
        if told.is_ok() {
            state.untold.sent(generation);
            if let Some(key) = key {
                self.remember(state, key);
            }
            steps.push(effect("note-what-is-owed", &self.save(state).await));
        }
        steps
    }
}

/// Marks that come and go with a flapping signal are not worth telling twice within the hour; a run always is.
fn telling_key(entry: &Entry, notice: &Notice) -> Option<TellingKey> {
    match entry.action {
        Action::Suspect | Action::Clear => Some(TellingKey::of(&notice.headline)),
        Action::Hold => {
            let mut codes: Vec<&str> = entry.record.held.iter().map(|code| code.name()).collect();
            codes.sort_unstable();
            let asked = if entry.record.asked { "asked" } else { "told" };
            Some(TellingKey::of(&format!("{asked}: {}", codes.join(" "))))
        }
        Action::Failover | Action::Switchover | Action::Failback | Action::Drill => None,
        Action::DrillBack | Action::Promote | Action::Adopt | Action::WouldPromote => None,
        Action::Acknowledge | Action::Arm | Action::Status | Action::Tick | Action::Watch => None,
    }
}

/// What the tick still has to see done.
pub(super) fn waiting_on(state: &State) -> Vec<String> {
    use crate::dr::account::Left;
    let left = state.run.iter().flat_map(|run| &run.left);
    let mut waiting: Vec<String> = left
        .map(|left| match left {
            Left::Records => "move-records".to_owned(),
            Left::Application => "configure-application".to_owned(),
        })
        .collect();
    if state.record.drilling {
        waiting.push("drill-back".to_owned());
    }
    waiting
}

pub(super) fn effect(name: &str, result: &Result<(), PortError>) -> StepReport {
    match result {
        Ok(()) => StepReport::named(name, "done"),
        Err(error) => StepReport::named(name, format!("failed: {}", chain(error))),
    }
}
