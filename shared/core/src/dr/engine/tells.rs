//! Telling people, once, and again what could not be sent.

use super::Run;
use super::conclude::effect;
use crate::dr::Entry;
use crate::dr::phase::{Action, Phase};
use crate::dr::ports::World;
use crate::dr::report::Report;
use crate::dr::state::State;
use crate::error::{Failure, PortError};
use crate::generation::Generation;
use crate::notice::{Kind, Notice, Severity};
use crate::ports::{Notifier, Probe, StateLog};
use crate::report::{Outcome, StepReport};
use crate::told::TellingKey;

impl<W: World> Run<'_, W> {
    /// Sends a notice, and counts it.
    pub(super) async fn tell(&self, notice: &Notice) -> Result<(), PortError> {
        let told = self.world.notifier().publish(notice).await;
        self.counts.notice(told.is_ok());
        told
    }

    /// A run of ours has begun and has to wait: nobody should learn of a promotion only by its end.
    pub(super) async fn begun(&self, entry: &Entry, state: &mut State) -> Vec<StepReport> {
        if !entry.action.is_forced() {
            return Vec::new();
        }
        let key = TellingKey::of(&format!("begun {}x", entry.generation));
        if self.knows(state, key) {
            return Vec::new();
        }
        let told = self.tell(&self.run_has_begun(entry, state)).await;
        let mut steps = vec![effect("notify", &told)];
        if told.is_ok() {
            self.remember(state, key);
            steps.push(effect("write-state", &self.save(state).await));
        }
        steps
    }

    /// Whether people were told within the window, as far as the snapshot or this instance remembers.
    pub(super) fn knows(&self, state: &State, key: TellingKey) -> bool {
        state.told.has(key, self.now()) || self.world.memory().has(key, self.now())
    }

    pub(super) fn remember(&self, state: &mut State, key: TellingKey) {
        state.told.remember(key, self.now());
        self.world.memory().remember(key, self.now());
    }

    /// Sends what earlier invocations could not. What fails again stays owed.
    pub(super) async fn send_owed(&self, state: &mut State) -> Vec<StepReport> {
        let mut steps = Vec::new();
        for generation in state.untold.open().to_vec() {
            let sent = self.tell_again(generation, state).await;
            if sent.is_ok() {
                state.untold.sent(generation);
            }
            steps.push(effect("notify-again", &sent));
        }
        steps
    }

    async fn tell_again(&self, generation: Generation, state: &State) -> Result<(), PortError> {
        let Some(entry) = self.world.log().entry(generation).await? else {
            return Ok(());
        };
        let kept = state.run.as_ref().is_some_and(|run| run.generation == generation);
        let notice = if kept && state.generation == generation && state.record.phase == Phase::NeedsHuman {
            let why = state.hold.as_ref().map_or("", |hold| hold.message.as_str());
            self.went_wrong(&entry, state, why, true)
        } else if kept {
            self.run_is_over(&entry, state)
        } else if entry.action == Action::Hold {
            self.held(&entry, entry.record.asked)
        } else {
            let headline = format!(
                "{} (generation {generation}): {}",
                entry.action.name(),
                entry.reason
            );
            self.notice(Severity::Warning, Kind::Transition, generation, headline)
        };
        self.tell(&notice).await
    }

    pub(super) async fn save(&self, state: &mut State) -> Result<(), PortError> {
        crate::saving::save(self.world.log(), state, &self.wrote).await
    }

    /// A look that failed for good: told in the answer, because nobody waits for an error, and to people once.
    pub(super) async fn unable(&self, failure: &Failure) -> Report {
        let log = self.world.log().read(Probe::Snapshot).await;
        let state = log.ok().and_then(|log| log.state);
        let mut report = self.without_a_look(state.as_ref(), Outcome::NeedsHuman);
        report.message = format!("{}: {}", failure.class.name(), failure.chain());
        let key = TellingKey::of(&failure.chain());
        if self.world.memory().has(key, self.now()) {
            report.steps.push(StepReport::named("notify", "told already"));
            return report;
        }
        let headline = format!("{} cannot do its work", self.settings.function);
        let mut notice = self.notice(Severity::Critical, Kind::NeedsHuman, Generation::NONE, headline);
        notice.paragraphs = vec![failure.chain()];
        let told = self.tell(&notice).await;
        report.steps.push(effect("notify", &told));
        if told.is_ok() {
            self.world.memory().remember(key, self.now());
        }
        report
    }
}
