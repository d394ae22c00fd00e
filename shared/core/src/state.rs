//! The readable snapshot of the head. It may be behind: the journal decides.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::blocker::{Blocker, Code};
use crate::generation::Generation;
use crate::journal::{Entry, ID_BYTES, Outcome};
use crate::phase::{Action, Phase};
use crate::record::Record;
use crate::replication::Verdict;
use crate::schema::{self, PARAMETER_BYTES_MAX, SCHEMA, SchemaError};
use crate::text::Text;
use crate::viability::Viability;
use crate::weight::Pair;

/// Bytes of a Route 53 change id, which AWS limits to 32 characters and a path.
const CHANGE_ID_BYTES: usize = 64;
const HOLD_MESSAGE_BYTES: usize = 300;
const HISTORY_REASON_BYTES: usize = 80;
const TASK_STATUS_BYTES: usize = 24;
/// Lines of history kept at most; the size limit may leave fewer.
const HISTORY_LINES_MAX: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub schema: u16,
    pub generation: Generation,
    #[serde(flatten)]
    pub record: Record,
    /// What became of this generation so far.
    pub outcome: Outcome,
    /// Weight changes that name servers or caches may not follow yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settling: Vec<Settling>,
    /// When the last weight change had settled.
    pub settled_at: Option<Timestamp>,
    pub replication: Option<Replication>,
    pub ready_for_cutover: bool,
    pub rollback: Viability,
    pub hold: Option<Hold>,
    pub updated_by: Text<ID_BYTES>,
    pub updated_at: Timestamp,
    /// The invocation that claimed this generation.
    pub invocation: Text<ID_BYTES>,
    /// The oldest journal entry that was not pruned.
    pub journal_first: Generation,
    /// Newest first.
    pub history: Vec<Line>,
}

/// One accepted weight change on its way to every resolver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settling {
    pub pair: Pair,
    /// Route 53's change id; `None` when the reply with it was lost.
    pub change: Option<Text<CHANGE_ID_BYTES>>,
    pub accepted_at: Timestamp,
    /// When `GetChange` said INSYNC.
    pub in_sync_at: Option<Timestamp>,
    pub ttl_seconds: u64,
}

/// Replication as it was when the snapshot was written, and in answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replication {
    pub status: Text<TASK_STATUS_BYTES>,
    pub lag_seconds: Option<u64>,
    pub verdict: Verdict,
}

/// Why the migration does not move by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub codes: Vec<Code>,
    pub message: Text<HOLD_MESSAGE_BYTES>,
    pub since: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub generation: Generation,
    pub at: Timestamp,
    pub action: Action,
    pub phase: Phase,
    /// The target's shares.
    pub reader: u8,
    pub writer: u8,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub reason: Text<HISTORY_REASON_BYTES>,
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
    #[must_use]
    pub fn of(entry: &Entry, reached: &Record) -> Self {
        let percent =
            |weights: crate::weight::Weights| weights.share().map_or(0, crate::weight::Weight::percent);
        Self {
            generation: entry.generation,
            at: entry.at,
            action: entry.action,
            phase: reached.phase,
            reader: percent(reached.traffic.reader),
            writer: percent(reached.traffic.writer),
            reason: Text::new(entry.reason.as_str()),
        }
    }
}

impl State {
    /// A snapshot of an entry whose execution has come this far.
    #[must_use]
    pub fn of(entry: &Entry, record: Record, outcome: Outcome, earlier: Option<&State>) -> Self {
        let mut history = earlier.map(|state| state.history.clone()).unwrap_or_default();
        history.retain(|line| line.generation < entry.generation);
        history.insert(0, Line::of(entry, &record));
        history.truncate(HISTORY_LINES_MAX);
        Self {
            schema: SCHEMA,
            generation: entry.generation,
            record,
            outcome,
            settling: earlier.map(|state| state.settling.clone()).unwrap_or_default(),
            settled_at: earlier.and_then(|state| state.settled_at),
            replication: None,
            ready_for_cutover: false,
            rollback: Viability::Lossless,
            hold: None,
            updated_by: entry.by.clone(),
            updated_at: entry.at,
            invocation: entry.invocation.clone(),
            journal_first: earlier.map_or(entry.generation, |state| state.journal_first),
            history,
        }
    }

    /// JSON that fits a parameter whatever happens: the oldest history goes first. Everything else is bounded
    /// by its types, which the worst case in the tests proves.
    pub fn encode(&self) -> Result<String, SchemaError> {
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

    pub fn decode(text: &str) -> Result<Self, SchemaError> {
        schema::decode(text)
    }

    /// A new change on a pair; it replaces what was still settling there.
    pub fn accepted(&mut self, settling: Settling) {
        self.settling.retain(|earlier| earlier.pair != settling.pair);
        self.settling.push(settling);
        self.settled_at = None;
    }

    /// What is still awaited, in words that answers and people share.
    #[must_use]
    pub fn waiting_on(&self) -> Vec<String> {
        let awaited = |change: &Settling| {
            let what = if change.in_sync_at.is_some() {
                "settled"
            } else {
                "in-sync"
            };
            format!("{}-{what}", change.pair.name())
        };
        self.settling.iter().map(awaited).collect()
    }
}

/// Bytes of the largest snapshot, for documents and tests.
pub const STATE_BYTES_MAX: usize = PARAMETER_BYTES_MAX;
