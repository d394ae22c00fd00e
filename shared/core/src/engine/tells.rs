//! What people are told of a transition.

use super::Run;
use super::execute::Trouble;
use crate::journal::Entry;
use crate::notice::{Kind, Notice, Severity, way_back};
use crate::ports::World;
use crate::state::State;
use crate::viability::Viability;
use crate::weight::Weights;

impl<W: World> Run<'_, W> {
    pub(super) fn headline(entry: &Entry, state: &State) -> String {
        let percent = |weights: Weights| weights.share().map_or(0, crate::weight::Weight::percent);
        let traffic = state.record.traffic;
        format!(
            "{} is done: the target has {} % of reads and {} % of writes",
            entry.action.name(),
            percent(traffic.reader),
            percent(traffic.writer)
        )
    }

    pub(super) fn transition(&self, entry: &Entry, state: &State) -> Notice {
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
            headline: Self::headline(entry, state),
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
