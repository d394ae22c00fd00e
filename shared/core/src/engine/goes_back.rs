//! A cutover that failed before the writer moved goes all the way back, as a generation of its own.

use super::execute::Execution;
use super::{Look, Run};
use crate::blocker::{Blocker, Code};
use crate::error::{Class, Failure};
use crate::journal::{Entry, Outcome, Previous};
use crate::notice::{Kind, Notice, Severity};
use crate::phase::{Action, Phase};
use crate::policy::give_up_at;
use crate::ports::{Claim, StateLog, World};
use crate::record::Record;
use crate::report::{Report, StepReport};
use crate::state::{Hold, State};
use crate::stepping::{self, End, Trouble};
use crate::text::Text;

impl<W: World> Run<'_, W> {
    pub(super) async fn go_back(
        &self,
        look: Look<W>,
        entry: &Entry,
        execution: Execution<'_, W>,
        trouble: Trouble,
    ) -> Result<Report, Failure> {
        let topology = self.settings.topology;
        let reached = self.open_state(&look, entry, &execution);
        let Some(plan) = entry
            .plan
            .undo(topology, entry.before.traffic, reached.record.traffic)
        else {
            return self
                .beyond_undo(&look, entry, reached, trouble, execution.steps)
                .await;
        };
        let now = self.now();
        let undo = Entry {
            generation: entry.generation.next(),
            at: now,
            deadline: self.invocation.deadline.max(now),
            give_up_at: give_up_at(now),
            action: Action::Undo,
            invocation: Text::new(&self.invocation.id),
            reason: Text::new(&trouble.sentence()),
            forced: Vec::new(),
            during: Phase::RollingBack,
            before: Record {
                superseded: None,
                ..reached.record.clone()
            },
            plan,
            record: Record {
                since: now,
                ..entry.before.clone()
            },
            previous: Previous {
                generation: entry.generation,
                outcome: Outcome::Undone,
            },
            ..entry.clone()
        };
        match self.world.log().claim(&undo).await? {
            Claim::Lost => Err(Failure::new(
                Class::Conflict,
                format!(
                    "generation {} failed and was overtaken: {}",
                    entry.generation,
                    trouble.sentence()
                ),
            )),
            Claim::Won => {
                let mut back = Execution::new(self, &undo, &look, false);
                // What the decision saw is old by now.
                back.sightings = None;
                back.settling.clone_from(&reached.settling);
                back.moved = execution.moved;
                self.take_everything_back(&look, entry, back, reached, trouble)
                    .await
            }
        }
    }

    async fn take_everything_back(
        &self,
        look: &Look<W>,
        entry: &Entry,
        mut back: Execution<'_, W>,
        reached: State,
        trouble: Trouble,
    ) -> Result<Report, Failure> {
        let undo = back.entry;
        match stepping::carry_out(&mut back).await {
            End::Finished => {}
            End::Waiting(what) => return self.waiting(look, undo, back, what).await,
            End::Superseded(later) => {
                return Err(Failure::new(
                    Class::Conflict,
                    format!("generation {later} overtook the way back"),
                ));
            }
            End::Stalled(error) => return self.stalled(look, undo, back, error).await,
            End::Failed(second) => {
                let state = self.open_state(look, undo, &back);
                let generation = entry.generation;
                let both = format!(
                    "generation {generation} failed ({}), and so did its way back",
                    trouble.sentence()
                );
                return self.stuck(look, undo, state, second, both, back.steps).await;
            }
        }
        let mut state = State::of(undo, undo.record.clone(), Outcome::Finished, Some(&reached));
        self.follow(&mut state, &back);
        self.refresh(&mut state, &look.sight.observation);
        state.hold = Some(trouble.hold(self.now()));
        let notice = self.went_back(undo);
        let published = self.publish(&mut state, undo, &notice).await;
        let sentence = format!(
            "generation {} was taken back: {}",
            entry.generation,
            trouble.sentence()
        );
        let mut report = self.held(look, trouble.blockers(), sentence, undo);
        report.phase = state.record.phase;
        report.traffic = Some(state.record.traffic);
        report.steps = back.steps;
        report.steps.extend(published.steps);
        report.waiting_on = state.waiting_on();
        Ok(report)
    }

    /// The writer has moved: taking it back is a rollback, and that is a decision of its own.
    async fn beyond_undo(
        &self,
        look: &Look<W>,
        entry: &Entry,
        reached: State,
        trouble: Trouble,
        steps: Vec<StepReport>,
    ) -> Result<Report, Failure> {
        let headline = "the cutover cannot go on by itself; rollback takes everything back".to_owned();
        self.stuck(look, entry, reached, trouble, headline, steps).await
    }

    pub(super) fn went_back(&self, undo: &Entry) -> Notice {
        Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Undone,
            generation: undo.generation,
            headline: "the cutover was taken back before the writer moved".to_owned(),
            paragraphs: vec![
                undo.reason.as_str().to_owned(),
                "Traffic is where it was before. Start the application's writes again.".to_owned(),
                format!(
                    "To try again: {}",
                    self.invoke(r#"{"action":"manual_cutover","writes_stopped":true}"#)
                ),
            ],
        }
    }

    /// The head can no longer be carried out in its own name.
    pub(super) async fn abandon(&self, look: Look<W>, blockers: Vec<Blocker>) -> Result<Report, Failure> {
        let Some(entry) = look.standing.behind.clone() else {
            return self.hold(look, blockers).await;
        };
        if entry.during == Phase::CuttingOver {
            let drift = blockers.into_iter().next();
            let drift =
                drift.unwrap_or_else(|| Blocker::new(Code::Drift, "the records were changed by hand"));
            let execution = Execution::new(self, &entry, &look, true);
            let reached = self.open_state(&look, &entry, &execution);
            return self
                .beyond_undo(&look, &entry, reached, Trouble::Blocked(drift), Vec::new())
                .await;
        }
        self.undone(&look, &entry, Hold::of(&blockers, self.now()), None)
            .await;
        let sentence = format!("generation {} is given up", entry.generation);
        Ok(self.held(&look, blockers, sentence, &entry))
    }
}
