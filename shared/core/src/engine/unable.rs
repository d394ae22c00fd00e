//! Answers of an invocation that never saw the world.

use super::Run;
use super::conclude::effect;
use crate::command::Verb;
use crate::error::{Failure, PortError};
use crate::generation::Generation;
use crate::notice::{Kind, Notice, Severity};
use crate::phase::Phase;
use crate::ports::{LogView, Probe, StateLog, World};
use crate::report::{Outcome, Report, StepReport, Tally};
use crate::state::{Hold, Replication, State};
use crate::text::Text;
use crate::told::TellingKey;
use crate::viability::Viability;

impl<W: World> Run<'_, W> {
    /// A tick that AWS had no time for. Where it stands is written down; the next minute's goes on with it. Where even
    /// that cannot be read, it has failed.
    pub(super) async fn put_off(&self, failure: Failure) -> Result<Report, Failure> {
        let log = self.world.log().read(Probe::Snapshot).await;
        if log.is_err() {
            return Err(failure);
        }
        let mut report = self.without_a_look(&log, Outcome::Unchanged);
        report.message = format!("put off to the next minute: {}", failure.chain());
        self.counts.put_off();
        Ok(report)
    }

    /// A tick that failed for good: told in the answer, because nobody waits for an error, and to people once.
    /// Where the snapshot can be kept, it remembers that they know; the instance does meanwhile.
    pub(super) async fn unable(&self, failure: &Failure) -> Report {
        let log = self.world.log().read(Probe::Snapshot).await;
        let mut report = self.without_a_look(&log, Outcome::NeedsHuman);
        report.message = format!("{}: {}", failure.class.name(), failure.chain());
        // Where nothing was ever decided, nobody waits for anything: the answer is enough.
        let idle = log.as_ref().is_ok_and(LogView::is_fresh);
        // All functions meet the same trouble at the same minute: one of them tells it.
        let unprompted = [Verb::Monitor { prompted: false }, Verb::Guard { prompted: false }];
        if idle || unprompted.contains(&self.command.verb) {
            return report;
        }
        let state = log.ok().and_then(|log| log.state);
        let noted = |state: &State| {
            let held = state.hold.as_ref();
            held.is_some_and(|hold| hold.codes.is_empty() && !hold.untold)
        };
        let (memory, now) = (self.world.memory(), self.now());
        let key = TellingKey::of(&failure.chain());
        if state.as_ref().is_some_and(noted) || memory.has(key, now) {
            report.steps.push(StepReport::named("notify", "told already"));
            return report;
        }
        let told = self.tell(&self.cannot_work(failure)).await;
        report.steps.push(effect("notify", &told));
        if told.is_ok() {
            memory.remember(key, now);
        }
        if let Some(mut state) = state {
            state.hold = Some(Hold {
                codes: Vec::new(),
                message: Text::new(&failure.chain()),
                since: now,
                untold: told.is_err(),
            });
            report
                .steps
                .push(effect("write-state", &self.save(&mut state).await));
        }
        report
    }

    fn cannot_work(&self, failure: &Failure) -> Notice {
        Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Critical,
            kind: Kind::NeedsHuman,
            generation: Generation::NONE,
            headline: format!("{} cannot do its work", self.settings.function),
            paragraphs: vec![failure.chain()],
        }
    }

    /// An answer by the snapshot alone. Where that cannot be read, nothing is promised.
    pub(super) fn without_a_look(&self, log: &Result<LogView, PortError>, outcome: Outcome) -> Report {
        let state = log.as_ref().ok().and_then(|log| log.state.as_ref());
        let unknown = if log.as_ref().is_ok_and(LogView::is_fresh) {
            Viability::Lossless
        } else {
            Viability::Impossible
        };
        Report {
            outcome,
            action: self.command.action(),
            environment: self.settings.environment.clone(),
            generation: state.map_or(Generation::NONE, |state| state.generation),
            phase: state.map_or(Phase::Preparing, |state| state.record.phase),
            traffic: state.map(|state| state.record.traffic),
            replication: state
                .and_then(|state| state.replication.clone())
                .unwrap_or_else(Replication::unknown),
            blockers: Vec::new(),
            rollback: state.map_or(unknown, |state| state.rollback),
            steps: Vec::new(),
            waiting_on: state.map(State::waiting_on).unwrap_or_default(),
            message: String::new(),
            forced: Vec::new(),
            dry_run: self.command.options.dry_run,
            missed_events: Vec::new(),
            unrecognised: None,
            tally: Tally::default(),
        }
    }
}
