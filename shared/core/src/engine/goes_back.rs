//! A cutover that failed before the writer moved goes all the way back, as a generation of its own.

use super::execute::{End, Execution, Trouble};
use super::{Look, Run};
use crate::blocker::{Blocker, Code};
use crate::error::{Class, Failure};
use crate::journal::{Entry, Outcome, Previous};
use crate::notice::{Kind, Notice, Severity};
use crate::phase::{Action, Phase};
use crate::ports::{Claim, Notifier, StateLog, World};
use crate::record::Record;
use crate::report::Report;
use crate::state::{Hold, State};
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
            return self.beyond_undo(entry, reached, trouble).await;
        };
        let now = self.now();
        let undo = Entry {
            generation: entry.generation.next(),
            at: now,
            deadline: self.invocation.deadline.max(now),
            give_up_at: None,
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
                self.take_everything_back(&look, entry, &undo, reached, trouble)
                    .await
            }
        }
    }

    async fn take_everything_back(
        &self,
        look: &Look<W>,
        entry: &Entry,
        undo: &Entry,
        reached: State,
        trouble: Trouble,
    ) -> Result<Report, Failure> {
        let mut back = Execution::new(self, undo, look, false);
        // What the decision saw is old by now.
        back.sightings = None;
        back.settling.clone_from(&reached.settling);
        match back.carry_out().await {
            End::Finished => {}
            End::Waiting(what) => {
                let sentence = format!("taking generation {} back waits for {what}", entry.generation);
                return Err(Failure::new(Class::Retryable, sentence));
            }
            End::Superseded(later) => {
                return Err(Failure::new(
                    Class::Conflict,
                    format!("generation {later} overtook the way back"),
                ));
            }
            End::Stalled(error) => {
                return Err(Failure::from(error).within("taking a cutover back; the tick goes on"));
            }
            End::Failed(second) => {
                let both = format!(
                    "{}; and taking it back failed: {}",
                    trouble.sentence(),
                    second.sentence()
                );
                return Err(Failure::new(Class::NeedsHuman, both));
            }
        }
        let mut state = State::of(undo, undo.record.clone(), Outcome::Finished, Some(&reached));
        self.follow(&mut state, &back);
        self.refresh(&mut state, &look.sight.observation);
        state.hold = Some(Hold::of(&trouble.blockers(), self.now()));
        let notice = self.went_back(undo, &trouble);
        let (written, told) = futures_util::future::join(
            self.world.log().write_state(&state),
            self.world.notifier().publish(&notice),
        )
        .await;
        let sentence = format!(
            "generation {} was taken back: {}",
            entry.generation,
            trouble.sentence()
        );
        let mut report = self.held(look, trouble.blockers(), sentence, undo);
        report.phase = state.record.phase;
        report.traffic = Some(state.record.traffic);
        report.steps = back.steps;
        report
            .steps
            .push(super::conclude::effect("write-state", &written));
        report.steps.push(super::conclude::effect("notify", &told));
        report.waiting_on = state.waiting_on();
        Ok(report)
    }

    /// The writer has moved: taking it back is a rollback, and that is a decision of its own.
    async fn beyond_undo(
        &self,
        entry: &Entry,
        mut reached: State,
        trouble: Trouble,
    ) -> Result<Report, Failure> {
        reached.hold = Some(Hold::of(&trouble.blockers(), self.now()));
        let notice = self.needs_human(entry, &trouble, &reached);
        let (_written, _told) = futures_util::future::join(
            self.world.log().write_state(&reached),
            self.world.notifier().publish(&notice),
        )
        .await;
        Err(trouble.failure("the writer has moved and the cutover cannot go on; rollback takes it back"))
    }

    fn went_back(&self, undo: &Entry, trouble: &Trouble) -> Notice {
        Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Undone,
            generation: undo.generation,
            headline: "the cutover was taken back before the writer moved".to_owned(),
            paragraphs: vec![
                trouble.sentence(),
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
            return self.beyond_undo(&entry, reached, Trouble::Blocked(drift)).await;
        }
        self.undone(&look, &entry, &blockers).await;
        let sentence = format!("generation {} is given up", entry.generation);
        Ok(self.held(&look, blockers, sentence, &entry))
    }
}
