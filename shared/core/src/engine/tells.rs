//! What people are told of a transition.

use super::Run;
use crate::blocker::Code;
use crate::error::PortError;
use crate::held::WINDOW;
use crate::journal::{Entry, Outcome};
use crate::notice::{Kind, Notice, Severity, command_line, way_back};
use crate::phase::{Action, Phase};
use crate::ports::{Notifier, World};
use crate::state::State;
use crate::stepping::Trouble;
use crate::told::TellingKey;
use crate::viability::Viability;
use crate::weight::Weights;

impl<W: World> Run<'_, W> {
    /// Sends a notice, and counts it.
    pub(super) async fn tell(&self, notice: &Notice) -> Result<(), PortError> {
        let told = self.world.notifier().publish(notice).await;
        self.counts.notice(told.is_ok());
        told
    }

    pub(super) fn headline(entry: &Entry, state: &State) -> String {
        let phase = state.record.phase.name();
        match entry.action {
            Action::Monitor => return format!("{phase}: {}", entry.reason),
            Action::Restart => return entry.reason.as_str().to_owned(),
            Action::Hold => return format!("holding in phase {phase}: {}", entry.reason),
            Action::Release => return format!("a hold in phase {phase} is over: {}", entry.reason),
            Action::Rollback if entry.by.as_str() == GUARD => {
                return format!("traffic was taken back, {}: {}", entry.reason, shares(state));
            }
            Action::GradualCutover | Action::ManualCutover | Action::Rollback | Action::Undo => {}
            Action::Pause | Action::Resume | Action::Complete | Action::Status => {}
            Action::Tick | Action::Guard => {}
        }
        let what = if entry.action == Action::Tick {
            "a step by the clock"
        } else {
            entry.action.name()
        };
        format!("{what} is done: {}", shares(state))
    }

    pub(super) fn transition(&self, entry: &Entry, state: &State) -> Notice {
        let mut paragraphs = vec![format!(
            "Generation {} by {}, phase {}.",
            entry.generation,
            self.settings.function,
            state.record.phase.name()
        )];
        if !entry.reason.is_empty() && !is_mark(entry.action) {
            paragraphs.push(format!("Reason given: {}", entry.reason));
        }
        paragraphs.extend(self.next_command(entry, state));
        if !entry.forced.is_empty() {
            let codes: Vec<&str> = entry.forced.iter().map(|code| code.name()).collect();
            paragraphs.push(format!("Overridden by name: {}.", codes.join(", ")));
        }
        let moved = !state.record.traffic.is_all_source();
        if moved {
            paragraphs.push(way_back(state.rollback));
        }
        if moved && state.rollback != Viability::Impossible {
            paragraphs.push(format!("To go back: {}", self.invoke(r#"{"action":"rollback"}"#)));
        }
        Notice {
            environment: self.settings.environment.clone(),
            severity: severity(entry, state),
            kind: kind(entry),
            generation: entry.generation,
            headline: Self::headline(entry, state),
            paragraphs,
        }
    }

    /// What a person would do next, where that is not the way back.
    fn next_command(&self, entry: &Entry, state: &State) -> Option<String> {
        let held_by = |name: &str| state.record.held.iter().any(|held| held.is_by(name));
        match entry.action {
            Action::Monitor if state.record.phase == Phase::Ready => {
                let command = self.invoke(r#"{"action":"gradual_cutover","ladder":[20,50,80,100]}"#);
                Some(format!("Reads may move. To begin: {command}"))
            }
            Action::Hold if asks_about(entry, Code::RollbackLossy) => {
                let command = self.invoke(r#"{"action":"rollback","accept_data_loss":true}"#);
                Some(format!("Only you can decide. To go back all the same: {command}"))
            }
            Action::Hold if asks_about(entry, Code::Drift) => {
                let command = self.invoke(r#"{"action":"rollback","force":["drift"]}"#);
                Some(format!(
                    "Somebody changed a record. To go back all the same: {command}"
                ))
            }
            Action::Rollback if entry.by.as_str() == GUARD => {
                let command = self.invoke(r#"{"action":"gradual_cutover","ladder":[20,50,80,100]}"#);
                Some(format!(
                    "Nothing goes up while that lasts. To begin again afterwards: {command}"
                ))
            }
            Action::Hold if held_by(WINDOW) => Some(format!(
                "To give it another window: {}",
                self.invoke(r#"{"action":"resume"}"#)
            )),
            Action::Hold => {
                Some("The ladder stands still. It goes on by itself once that is over.".to_owned())
            }
            Action::GradualCutover | Action::ManualCutover | Action::Rollback | Action::Undo => None,
            Action::Pause | Action::Resume | Action::Complete | Action::Status => None,
            Action::Tick | Action::Monitor | Action::Guard | Action::Restart | Action::Release => None,
        }
    }

    /// The command to type, in full. Commands are for the one function that takes them.
    pub(super) fn invoke(&self, payload: &str) -> String {
        const TAKES_COMMANDS: &str = "route53-updater";
        command_line(TAKES_COMMANDS, &self.settings.environment, payload)
    }

    pub(super) fn needs_human(&self, entry: &Entry, why: &str, trouble: &Trouble, state: &State) -> Notice {
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

/// It changed no traffic, and its reason is the news itself.
fn is_mark(action: Action) -> bool {
    match action {
        Action::Monitor | Action::Restart | Action::Hold | Action::Release => true,
        Action::GradualCutover | Action::ManualCutover | Action::Rollback | Action::Undo => false,
        Action::Pause | Action::Resume | Action::Complete | Action::Status => false,
        Action::Tick | Action::Guard => false,
    }
}

fn kind(entry: &Entry) -> Kind {
    if entry.action != Action::Hold {
        Kind::Transition
    } else if asks_a_person(entry) {
        Kind::NeedsHuman
    } else {
        Kind::Hold
    }
}

/// Traffic should go back, and going back would lose writes or meet somebody's edit.
fn asks_a_person(entry: &Entry) -> bool {
    asks_about(entry, Code::RollbackLossy) || asks_about(entry, Code::Drift)
}

fn asks_about(entry: &Entry, code: Code) -> bool {
    let mut new = entry
        .record
        .held
        .iter()
        .filter(|held| !entry.before.held.contains(held));
    new.any(|held| held.code == code)
}

fn severity(entry: &Entry, state: &State) -> Severity {
    match entry.action {
        Action::Hold if asks_a_person(entry) => Severity::WaitingForYou,
        Action::Hold | Action::Restart => Severity::Warning,
        Action::Monitor if entry.before.phase == Phase::Ready && state.record.phase != Phase::Ready => {
            Severity::Warning
        }
        // Nobody asked for it: something is wrong.
        Action::Rollback if entry.by.as_str() == GUARD => Severity::Critical,
        Action::GradualCutover | Action::ManualCutover | Action::Rollback | Action::Undo => Severity::Info,
        Action::Pause | Action::Resume | Action::Complete | Action::Status => Severity::Info,
        Action::Tick | Action::Monitor | Action::Guard | Action::Release => Severity::Info,
    }
}

/// The function that takes traffic back by itself.
const GUARD: &str = "alarm-rollback";

/// The sentences of a notice that are not worth telling twice within the window; none for what is always told.
pub(super) fn tellings(entry: &Entry, outcome: Outcome, notice: &Notice) -> Vec<TellingKey> {
    // It may be tried again, by the clock or by hand.
    if outcome == Outcome::Undone {
        let why = notice.paragraphs.first().map_or("", String::as_str);
        return vec![TellingKey::of(&format!("{}: {why}", notice.headline))];
    }
    match entry.action {
        Action::Hold => entry.reason.as_str().split("; ").map(TellingKey::of).collect(),
        Action::Release | Action::Monitor => vec![TellingKey::of(&notice.headline)],
        Action::GradualCutover | Action::ManualCutover | Action::Rollback | Action::Undo => Vec::new(),
        Action::Pause | Action::Resume | Action::Complete | Action::Status => Vec::new(),
        Action::Tick | Action::Guard | Action::Restart => Vec::new(),
    }
}

fn shares(state: &State) -> String {
    let percent = |weights: Weights| weights.share().map_or(0, crate::weight::Weight::percent);
    let traffic = state.record.traffic;
    format!(
        "the target has {} % of reads and {} % of writes",
        percent(traffic.reader),
        percent(traffic.writer)
    )
}
