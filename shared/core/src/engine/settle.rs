//! What a tick does when nothing is decided: follow changes until they have settled, keep the hold true, prune.

use jiff::{SignedDuration, Timestamp};

use super::conclude::{differs, effect};
use super::{Look, Run};
use crate::blocker::{Blocker, Code};
use crate::command::Verb;
use crate::error::{Failure, PortError};
use crate::notice::{Kind, Notice, Severity, way_back};
use crate::policy::{JOURNAL_KEEP_ENTRIES, JOURNAL_KEEP_SECONDS};
use crate::ports::{Notifier, StateLog, World};
use crate::report::{Outcome, Report};
use crate::state::{Hold, State};
use crate::viability::{Viability, viability};

impl<W: World> Run<'_, W> {
    pub(super) async fn rest(&self, look: Look<W>, why: String) -> Result<Report, Failure> {
        let mut report = self.report(&look.standing.record, &look.sight.observation, Outcome::Unchanged);
        report.generation = look.standing.head;
        report.message = why;
        self.keep_true(&look, &[], &mut report).await;
        Ok(report)
    }

    pub(super) async fn hold(&self, look: Look<W>, blockers: Vec<Blocker>) -> Result<Report, Failure> {
        let mut report = self.report(&look.standing.record, &look.sight.observation, Outcome::Held);
        report.generation = look.standing.head;
        report.message = super::answer::because(&blockers);
        self.keep_true(&look, &blockers, &mut report).await;
        report.blockers = blockers;
        Ok(report)
    }

    /// Only a person can decide; the answer says so, and so does a notice.
    pub(super) async fn ask(
        &self,
        look: Look<W>,
        blockers: Vec<Blocker>,
        cost: Viability,
    ) -> Result<Report, Failure> {
        let mut report = self.report(
            &look.standing.record,
            &look.sight.observation,
            Outcome::NeedsHuman,
        );
        let notice = Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::WaitingForYou,
            kind: Kind::NeedsHuman,
            generation: look.standing.head,
            headline: format!("{} needs your decision", self.command.action().name()),
            paragraphs: vec![
                super::answer::because(&blockers),
                way_back(cost),
                format!(
                    "To go back all the same: {}",
                    self.invoke(r#"{"action":"rollback","accept_data_loss":true}"#)
                ),
            ],
        };
        report
            .steps
            .push(effect("notify", &self.world.notifier().publish(&notice).await));
        report.generation = look.standing.head;
        report.message = super::answer::because(&blockers);
        report.rollback = cost;
        report.blockers = blockers;
        Ok(report)
    }

    /// Rewrites the snapshot if something an operator would care about changed since. A quiet hour writes nothing.
    async fn keep_true(&self, look: &Look<W>, blockers: &[Blocker], report: &mut Report) {
        let Some(before) = look
            .standing
            .state
            .as_ref()
            .filter(|state| state.generation == look.standing.head)
        else {
            return;
        };
        report.waiting_on = before.waiting_on();
        if self.command.verb != Verb::Tick {
            return;
        }
        let mut state = before.clone();
        let followed = self.settle(&mut state).await;
        let observation = &look.sight.observation;
        self.refresh(&mut state, observation);
        if let Some(found) = observation.traffic(self.settings.topology) {
            // What going back costs follows from where the writes go, whoever sent them there.
            let record = state.record.clone().carrying(found);
            state.rollback = viability(&record, observation, &self.settings.policy, observation.at);
        }
        let told = self.holds(&mut state, blockers);
        let pruned = self.prune(&mut state).await;
        // What failed here is tried again in a minute, and keeps nobody from knowing the rest.
        for (name, result) in [("follow-change", followed), ("prune", pruned)] {
            if result.is_err() {
                report.steps.push(effect(name, &result));
            }
        }
        report.waiting_on = state.waiting_on();
        if differs(before, &state) {
            report
                .steps
                .push(effect("write-state", &self.world.log().write_state(&state).await));
        }
        if let Some(notice) = told {
            report
                .steps
                .push(effect("notify", &self.world.notifier().publish(&notice).await));
        }
    }

    async fn settle(&self, state: &mut State) -> Result<(), PortError> {
        let mut followed = Ok(());
        let mut settling = Vec::new();
        for change in std::mem::take(&mut state.settling) {
            match self.advance_settling(change.clone()).await {
                Ok(advanced) => settling.extend(advanced),
                Err(error) => {
                    settling.push(change);
                    followed = Err(error);
                }
            }
        }
        state.settling = settling;
        if state.settling.is_empty() && state.settled_at.is_none() {
            state.settled_at = Some(self.now());
        }
        followed
    }

    /// The hold that a person should know of; a new one is told once. Baking is no hold, it is the plan.
    fn holds(&self, state: &mut State, blockers: &[Blocker]) -> Option<Notice> {
        let reasons: Vec<Blocker> = blockers
            .iter()
            .filter(|blocker| blocker.code != Code::Baking)
            .cloned()
            .collect();
        if reasons.is_empty() {
            state.hold = None;
            return None;
        }
        let hold = Hold::of(&reasons, self.now());
        if state.hold.as_ref().is_some_and(|held| held.codes == hold.codes) {
            return None;
        }
        let paused = reasons.iter().all(|blocker| blocker.code == Code::Paused);
        state.hold = Some(hold);
        (!paused).then(|| Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Hold,
            generation: state.generation,
            headline: format!("holding in phase {}", state.record.phase.name()),
            paragraphs: vec![
                super::answer::because(&reasons),
                "It goes on by itself once that is over.".to_owned(),
                way_back(state.rollback),
                format!("To go back: {}", self.invoke(r#"{"action":"rollback"}"#)),
            ],
        })
    }

    /// Entries far behind the head and a day old: nobody still running can claim their numbers again.
    async fn prune(&self, state: &mut State) -> Result<(), PortError> {
        let end = state.generation.minus(JOURNAL_KEEP_ENTRIES);
        if state.journal_first >= end {
            return Ok(());
        }
        let age = SignedDuration::from_secs(JOURNAL_KEEP_SECONDS);
        let before = self.now().checked_sub(age).unwrap_or(Timestamp::MIN);
        state.journal_first = self.world.log().prune(state.journal_first, end, before).await?;
        Ok(())
    }
}
