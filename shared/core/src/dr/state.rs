//! The readable snapshot of the head. It may be behind: the journal decides.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Disaster;
use super::loss::LossEstimate;
use super::observation::LagSeen;
use super::phase::{Action, Phase};
use super::record::Record;
use super::side::Side;
use super::timeline::Timeline;
use super::votes::BadSince;
use crate::blocker::{Blocker, Code};
use crate::generation::Generation;
use crate::journal::{Entry, ID_BYTES, Outcome};
use crate::schema::{self, SCHEMA, SchemaError};
use crate::subject::Snapshot;
use crate::text::Text;
use crate::told::{Owed, Tellings};

const HOLD_MESSAGE_BYTES: usize = 200;
const HISTORY_REASON_BYTES: usize = 48;
const PHASE_BYTES: usize = 24;
const NOTE_BYTES: usize = 96;
/// A DNS name has at most 253 characters; those of clusters have about 80.
const ENDPOINT_BYTES: usize = 128;
/// Notes of one run kept at most.
const NOTES_MAX: usize = 6;
/// Lines of history kept at most; the size limit may leave fewer.
const HISTORY_LINES_MAX: usize = 15;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The number that Parameter Store gave it; 0 for one that was not written yet.
    #[serde(skip)]
    pub version: u64,
    pub schema: u16,
    pub generation: Generation,
    #[serde(flatten)]
    pub record: Record,
    /// What became of this generation so far.
    pub outcome: Outcome,
    /// The signals that were bad at the last look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bad_since: Vec<BadSince>,
    /// The newest reading of the lag that was ever seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<LagKept>,
    /// The last known phase of the migration. Its own region may be the one that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<Text<PHASE_BYTES>>,
    /// The writer endpoints last seen, by which a region is probed that does not answer.
    #[serde(default, skip_serializing_if = "Endpoints::is_empty")]
    pub endpoints: Endpoints,
    pub hold: Option<Hold>,
    /// The last run that moved the writer, or is moving it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    pub updated_by: Text<ID_BYTES>,
    pub updated_at: Timestamp,
    /// The invocation that claimed this generation, and the event that started it.
    pub invocation: Text<ID_BYTES>,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub trigger: Text<ID_BYTES>,
    /// What people were told lately, the newest first.
    #[serde(default, skip_serializing_if = "Tellings::is_empty")]
    pub told: Tellings,
    /// Runs that people could not be told of yet; the tick tells them.
    #[serde(default, skip_serializing_if = "Owed::is_unused")]
    pub untold: Owed,
    /// The oldest journal entry that was not pruned.
    pub journal_first: Generation,
    /// Newest first.
    pub history: Vec<Line>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LagKept {
    pub milliseconds: u64,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<Text<ENDPOINT_BYTES>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dr: Option<Text<ENDPOINT_BYTES>>,
}

/// Why it does not act by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub codes: Vec<Code>,
    pub message: Text<HOLD_MESSAGE_BYTES>,
    pub since: Timestamp,
}

/// One run that moves the writer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What people should know of it: best efforts that failed, a hook that was skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text<NOTE_BYTES>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub generation: Generation,
    pub at: Timestamp,
    pub action: Action,
    pub phase: Phase,
    pub writer: Side,
    /// Recovery time and point of a run that moved the writer, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rto: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpo: Option<u64>,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub reason: Text<HISTORY_REASON_BYTES>,
}

impl From<LagKept> for LagSeen {
    fn from(kept: LagKept) -> Self {
        Self {
            milliseconds: kept.milliseconds,
            at: kept.at,
        }
    }
}

impl Endpoints {
    fn is_empty(&self) -> bool {
        self.primary.is_none() && self.dr.is_none()
    }

    #[must_use]
    pub fn of(&self, side: Side) -> Option<&str> {
        let kept = match side {
            Side::Primary => &self.primary,
            Side::Dr => &self.dr,
        };
        kept.as_ref().map(Text::as_str)
    }
}

impl Hold {
    #[must_use]
    pub fn of(blockers: &[Blocker], since: Timestamp) -> Self {
        let mut codes: Vec<Code> = blockers.iter().map(|blocker| blocker.code).collect();
        codes.sort_unstable();
        codes.dedup();
        let sentences: Vec<&str> = blockers.iter().map(|blocker| blocker.message.as_str()).collect();
        Self {
            codes,
            message: Text::new(&sentences.join("; ")),
            since,
        }
    }
}

impl Run {
    pub fn note(&mut self, note: &str) {
        let note = Text::new(note);
        if self.notes.len() < NOTES_MAX && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl Line {
    fn of(entry: &Entry<Disaster>, record: &Record) -> Self {
        Self {
            generation: entry.generation,
            at: entry.at,
            action: entry.action,
            phase: record.phase,
            writer: record.writer,
            rto: None,
            rpo: None,
            reason: Text::new(entry.reason.as_str()),
        }
    }
}

impl State {
    /// A snapshot of an entry whose execution has come this far.
    #[must_use]
    pub fn of(entry: &Entry<Disaster>, record: Record, outcome: Outcome, earlier: Option<&Self>) -> Self {
        let mut history = earlier.map(|state| state.history.clone()).unwrap_or_default();
        history.retain(|line| line.generation < entry.generation);
        history.insert(0, Line::of(entry, &record));
        history.truncate(HISTORY_LINES_MAX);
        Self {
            version: earlier.map_or(0, |state| state.version),
            schema: SCHEMA,
            generation: entry.generation,
            record,
            outcome,
            bad_since: earlier.map(|state| state.bad_since.clone()).unwrap_or_default(),
            lag: earlier.and_then(|state| state.lag),
            migration: earlier.and_then(|state| state.migration.clone()),
            endpoints: earlier.map(|state| state.endpoints.clone()).unwrap_or_default(),
            hold: earlier.and_then(|state| state.hold.clone()),
            run: earlier.and_then(|state| state.run.clone()),
            updated_by: entry.by.clone(),
            updated_at: entry.at,
            invocation: entry.invocation.clone(),
            trigger: entry.trigger.clone(),
            told: earlier.map(|state| state.told.clone()).unwrap_or_default(),
            untold: earlier.map(|state| state.untold.clone()).unwrap_or_default(),
            journal_first: earlier.map_or(entry.generation, |state| state.journal_first),
            history,
        }
    }
}

impl Snapshot for State {
    fn generation(&self) -> Generation {
        self.generation
    }

    fn is_open(&self) -> bool {
        self.outcome == Outcome::Open
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn set_version(&mut self, version: u64) {
        self.version = version;
    }

    /// Of two snapshots the one that is further counts; what people were told is put together.
    fn merged(&self, _before: Option<&Self>, theirs: &Self) -> Self {
        let progress = |state: &Self| (state.generation, !state.is_open());
        let further = if progress(self) < progress(theirs) {
            theirs
        } else {
            self
        };
        Self {
            version: self.version,
            lag: self.lag.into_iter().chain(theirs.lag).max_by_key(|lag| lag.at),
            told: self.told.merged(&theirs.told),
            untold: self.untold.merged(&theirs.untold),
            journal_first: self.journal_first.max(theirs.journal_first),
            ..further.clone()
        }
    }

    fn encode(&self) -> Result<String, SchemaError> {
        let mut fitting = self.clone();
        loop {
            match schema::encode(&fitting) {
                Err(SchemaError::TooLarge { bytes }) => {
                    if fitting.history.pop().is_none() {
                        return Err(SchemaError::TooLarge { bytes });
                    }
                }
                encoded => return encoded,
            }
        }
    }

    fn decode(text: &str) -> Result<Self, SchemaError> {
        schema::decode(text)
    }
}
