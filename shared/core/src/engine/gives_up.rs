//! What becomes of a plan that cannot go on: it stalls, it stands half done, or it came to nothing.

use super::conclude::{differs, effect};
use super::execute::Execution;
use super::{Look, Run};
use crate::error::{Class, Failure, PortError};
use crate::journal::{Entry, Outcome};
use crate::notice::{Kind, Notice, Severity};
use crate::phase::{Action, Phase};
use crate::ports::World;
use crate::record::{Pause, Record};
use crate::report::{self, Report, StepReport};
use crate::state::{Hold, State};
use crate::stepping::Trouble;
use crate::text::Text;
use crate::told::TellingKey;

impl<W: World> Run<'_, W> {
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
            Class::Retryable | Class::Throttled | Class::Conflict => {
                Err(Failure::from(error).within(sentence))
            }
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

    pub(super) async fn failed(
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
        if denied && self.command.verb.is_unattended() {
            let reason = Text::new(&format!("{sentence}: {}", trouble.sentence()));
            // What the clock decided it would decide again each minute, for ever: it waits for a person's resume.
            let pause = (entry.action == Action::Tick).then(|| Pause {
                at: self.now(),
                reason,
            });
            let state = self.undone(&look, entry, hold, pause).await;
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
        let notice = self.not_carried_out(entry, hold.message.as_str(), pause.is_some());
        let mut record = self.left_at(look, entry);
        record.paused = pause.or(record.paused);
        let mut state = Self::reached(look, entry, record, Outcome::Undone);
        self.refresh(&mut state, &look.sight.observation);
        state.hold = Some(hold);
        let _published = self.publish(&mut state, entry, &notice).await;
        state
    }

    pub(super) fn not_carried_out(&self, entry: &Entry, why: &str, paused: bool) -> Notice {
        let mut paragraphs = vec![why.to_owned()];
        if paused {
            paragraphs.push(format!(
                "Paused. To go on: {}",
                self.invoke(r#"{"action":"resume"}"#)
            ));
        }
        Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Undone,
            generation: entry.generation,
            headline: format!("{} was not carried out", entry.action.name()),
            paragraphs,
        }
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
        let record = if entry.leaves_traffic_alone() {
            // That it was tried counts, whatever came of it.
            entry.record.clone()
        } else if traffic == entry.before.traffic {
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
        let known = held
            .filter(|held| held.codes == hold.codes && !held.untold)
            .cloned();
        let key = TellingKey::of(&format!("{headline}: {}", trouble.sentence()));
        let news = known.is_none() && !self.knows(&reached, key);
        reached.hold = known.or(Some(hold));
        if news {
            let notice = self.needs_human(entry, &headline, &trouble, &reached);
            let told = self.tell(&notice).await;
            if told.is_ok() {
                self.remember(&mut reached, &[key]);
            } else if let Some(hold) = &mut reached.hold {
                hold.untold = true;
            }
            steps.push(effect("notify", &told));
        }
        if before.is_none_or(|before| differs(before, &reached)) {
            steps.push(effect("write-state", &self.save(&mut reached).await));
        }
        if !self.command.verb.is_unattended() {
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
}
