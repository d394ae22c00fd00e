//! What is remembered of one run that moves the writer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Entry;
use super::loss::LossEstimate;
use super::phase::Action;
use super::side::Side;
use super::timeline::Timeline;
use super::verb::Verb;
use crate::generation::Generation;
use crate::text::Text;

const NOTE_BYTES: usize = 96;
/// Notes of one run kept at most.
const NOTES_MAX: usize = 6;

/// One run that moves the writer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Run {
    pub generation: Generation,
    pub action: Action,
    pub to: Side,
    pub timeline: Timeline,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<LossEstimate>,
    /// The old writer could be fenced, or not; `None` while AWS has not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fenced: Option<bool>,
    /// Until then its lost tail may still appear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail_until: Option<Timestamp>,
    /// AWS refused the managed way for its versions, and the topology is given up instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detaches: bool,
    /// Whoever carried it out has stopped waiting: the tick goes on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_off: bool,
    /// The application's instances are being replaced on its account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refreshed: bool,
    /// Best efforts that the tick tries again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// What people should know of it: best efforts that failed, a hook that was skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text<NOTE_BYTES>>,
}

/// A step that could not be done when it was due, and that nothing waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    Records,
    Application,
}

impl Run {
    #[must_use]
    pub fn begun(entry: &Entry, to: Side, detected: Timestamp, loss: Option<LossEstimate>) -> Self {
        Self {
            generation: entry.generation,
            action: entry.action,
            to,
            timeline: Timeline::begun(detected, entry.at),
            loss,
            fenced: None,
            tail_until: None,
            detaches: false,
            left_off: false,
            refreshed: false,
            left: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The operation that a step asks for, which may be another one by now than was planned.
    #[must_use]
    pub fn in_effect(run: Option<&Self>, generation: Generation, planned: &Verb) -> Verb {
        let detaches = run.is_some_and(|run| run.generation == generation && run.detaches);
        if detaches {
            Verb::RemoveFromGlobalCluster
        } else {
            planned.clone()
        }
    }

    pub fn leave(&mut self, what: Left) {
        if !self.left.contains(&what) {
            self.left.push(what);
        }
    }

    /// With what an event told another invocation of the same run.
    #[must_use]
    pub fn told_also(mut self, other: Option<&Self>) -> Self {
        let Some(other) = other.filter(|other| other.generation == self.generation) else {
            return self;
        };
        self.fenced = self.fenced.or(other.fenced);
        for note in &other.notes {
            self.note(note.as_str());
        }
        self
    }

    pub fn note(&mut self, note: &str) {
        let note = Text::new(note);
        if self.notes.len() < NOTES_MAX && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
