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
use crate::subject::Snapshot;
use crate::text::Text;
use crate::told::{Owed, Tellings};
use crate::viability::Viability;
use crate::weight::Pair;

/// Bytes of a Route 53 change id, which AWS limits to 32 characters and a path.
const CHANGE_ID_BYTES: usize = 64;
const HOLD_MESSAGE_BYTES: usize = 152;
const HISTORY_REASON_BYTES: usize = 48;
const TASK_STATUS_BYTES: usize = 24;
const REASON_MESSAGE_BYTES: usize = 56;
/// Reasons against a cutover kept at most.
pub const CUTOVER_BLOCKERS_MAX: usize = 3;
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
    /// Weight changes that name servers or caches may not follow yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settling: Vec<Settling>,
    /// When the last weight change had settled.
    pub settled_at: Option<Timestamp>,
    pub replication: Option<Replication>,
    pub ready_for_cutover: bool,
    /// What stands between here and a cutover, the operator's own fence apart; empty once the writer has moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cutover_blockers: Vec<Reason>,
    pub rollback: Viability,
    pub hold: Option<Hold>,
    pub updated_by: Text<ID_BYTES>,
    pub updated_at: Timestamp,
    /// The invocation that claimed this generation, and the event that started it.
    pub invocation: Text<ID_BYTES>,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub trigger: Text<ID_BYTES>,
    /// What people were told lately, the newest first.
    #[serde(default, skip_serializing_if = "Tellings::is_empty")]
    pub told: Tellings,
    /// Transitions that people could not be told of yet; the tick tells them.
    #[serde(default, skip_serializing_if = "Owed::is_unused")]
    pub untold: Owed,
    /// Transitions whose event could not be put on the bus yet; the tick does.
    #[serde(default, skip_serializing_if = "Owed::is_unused")]
    pub unannounced: Owed,
    /// The oldest journal entry that was not pruned.
    pub journal_first: Generation,
    /// Newest first.
    pub history: Vec<Line>,
}

/// One accepted weight change on its way to every resolver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Replication {
    pub status: Text<TASK_STATUS_BYTES>,
    pub lag_seconds: Option<u64>,
    /// How old that reading was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_age_seconds: Option<u64>,
    pub verdict: Verdict,
    /// Since when nothing is known of the lag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_load_percent: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables_loaded: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables_total: Option<u32>,
}

/// A reason for not moving, cut to what a snapshot can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Reason {
    pub code: Code,
    pub message: Text<REASON_MESSAGE_BYTES>,
}

/// Why the migration does not move by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Hold {
    pub codes: Vec<Code>,
    pub message: Text<HOLD_MESSAGE_BYTES>,
    pub since: Timestamp,
    /// The notice of it could not be sent yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untold: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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

impl Replication {
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            status: Text::new("unknown"),
            lag_seconds: None,
            lag_age_seconds: None,
            verdict: Verdict::Missing,
            unknown_since: None,
            full_load_percent: None,
            tables_loaded: None,
            tables_total: None,
        }
    }

    /// What an operator would care about: not the reading, but whether there is one, and how far the copy is.
    #[must_use]
    pub fn in_broad_terms(&self) -> Self {
        Self {
            lag_seconds: None,
            lag_age_seconds: None,
            verdict: match self.verdict {
                Verdict::Fresh | Verdict::Idle => Verdict::Fresh,
                verdict @ (Verdict::Lagging | Verdict::Missing) => verdict,
            },
            full_load_percent: self.full_load_percent.map(|percent| percent / 10),
            tables_loaded: None,
            tables_total: None,
            ..self.clone()
        }
    }
}

impl Reason {
    #[must_use]
    pub fn of(blocker: &Blocker) -> Self {
        Self {
            code: blocker.code,
            message: Text::new(&blocker.message),
        }
    }

    #[must_use]
    pub fn without_numbers(&self) -> Self {
        Self {
            message: Text::default(),
            ..self.clone()
        }
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
            untold: false,
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
            version: earlier.map_or(0, |state| state.version),
            schema: SCHEMA,
            generation: entry.generation,
            record,
            outcome,
            settling: earlier.map(|state| state.settling.clone()).unwrap_or_default(),
            settled_at: earlier.and_then(|state| state.settled_at),
            // Since when nothing is known must outlive the generations meanwhile.
            replication: earlier.and_then(|state| state.replication.clone()),
            ready_for_cutover: false,
            cutover_blockers: Vec::new(),
            rollback: Viability::Lossless,
            hold: None,
            updated_by: entry.by.clone(),
            updated_at: entry.at,
            invocation: entry.invocation.clone(),
            trigger: entry.trigger.clone(),
            told: earlier.map(|state| state.told.clone()).unwrap_or_default(),
            untold: earlier.map(|state| state.untold.clone()).unwrap_or_default(),
            unannounced: earlier.map(|state| state.unannounced.clone()).unwrap_or_default(),
            journal_first: earlier.map_or(entry.generation, |state| state.journal_first),
            history,
        }
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

    fn merged(&self, before: Option<&Self>, theirs: &Self) -> Self {
        crate::merge::merged(self, before, theirs)
    }

    /// JSON that fits a parameter whatever happens: the oldest history goes first. Everything else is bounded
    /// by its types, which the worst case in the tests proves.
    fn encode(&self) -> Result<String, SchemaError> {
        schema::encode_fitting(self, |state| state.history.pop().is_some())
    }

    fn decode(text: &str) -> Result<Self, SchemaError> {
        schema::decode(text)
    }
}

/// Bytes of the largest snapshot, for documents and tests.
pub const STATE_BYTES_MAX: usize = PARAMETER_BYTES_MAX;
