//! The readable snapshot of the head. It may be behind: the journal decides.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Disaster;
use super::account::Run;
use super::observation::LagSeen;
use super::phase::{Action, Phase};
use super::record::Record;
use super::side::Side;
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
/// A DNS name has at most 253 characters; those of clusters have about 80.
const ENDPOINT_BYTES: usize = 128;
/// Lines of history kept at most; the size limit may leave fewer.
const HISTORY_LINES_MAX: usize = 15;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct LagKept {
    pub milliseconds: u64,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Endpoints {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<Text<ENDPOINT_BYTES>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dr: Option<Text<ENDPOINT_BYTES>>,
}

/// Why it does not act by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Hold {
    pub codes: Vec<Code>,
    pub message: Text<HOLD_MESSAGE_BYTES>,
    pub since: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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
    /// A snapshot from before anything was decided.
    #[must_use]
    pub fn first(record: Record, by: &str, now: Timestamp) -> Self {
        Self {
            version: 0,
            schema: SCHEMA,
            generation: Generation::NONE,
            record,
            outcome: Outcome::Finished,
            bad_since: Vec::new(),
            lag: None,
            migration: None,
            endpoints: Endpoints::default(),
            hold: None,
            run: None,
            updated_by: Text::new(by),
            updated_at: now,
            invocation: Text::default(),
            trigger: Text::default(),
            told: Tellings::default(),
            untold: Owed::default(),
            journal_first: Generation::NONE.next(),
            history: Vec::new(),
        }
    }

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

    /// Lets go of what can be missed best: old lines, then notes that people have read, then what mode `observe` would
    /// have done long ago, then since when signals are bad, which only makes it wait longer.
    fn shed(&mut self) -> bool {
        let notes = self.run.as_mut().map(|run| &mut run.notes);
        self.history.pop().is_some()
            || notes.is_some_and(|notes| notes.pop().is_some())
            || self.record.would.pop().is_some()
            || self.bad_since.pop().is_some()
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

    /// Of two snapshots the one that is further counts; what people were told is put together, and so is what RDS told of
    /// the same run.
    fn merged(&self, _before: Option<&Self>, theirs: &Self) -> Self {
        let progress = |state: &Self| (state.generation, !state.is_open());
        let (further, other) = if progress(self) < progress(theirs) {
            (theirs, self)
        } else {
            (self, theirs)
        };
        let run = further.run.clone().map(|run| run.told_also(other.run.as_ref()));
        Self {
            version: self.version,
            run,
            lag: self.lag.into_iter().chain(theirs.lag).max_by_key(|lag| lag.at),
            told: self.told.merged(&theirs.told),
            untold: self.untold.merged(&theirs.untold),
            journal_first: self.journal_first.max(theirs.journal_first),
            ..further.clone()
        }
    }

    fn encode(&self) -> Result<String, SchemaError> {
        schema::encode_fitting(self, Self::shed)
    }

    fn decode(text: &str) -> Result<Self, SchemaError> {
        schema::decode(text)
    }
}
