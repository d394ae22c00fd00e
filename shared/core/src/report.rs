//! The answer of every invocation.

use serde::{Deserialize, Serialize};

use crate::blocker::Blocker;
use crate::generation::Generation;
use crate::phase::{Action, Phase};
use crate::plan::Step;
use crate::state::Replication;
use crate::viability::Viability;
use crate::weight::Traffic;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    Held,
    Refused,
    Unchanged,
    InProgress,
    NeedsHuman,
}

impl Outcome {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Unchanged => "unchanged",
            Self::InProgress => "in_progress",
            Self::NeedsHuman => "needs_human",
        }
    }
}

/// Public: other software parses it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Report {
    pub outcome: Outcome,
    pub action: Action,
    pub environment: String,
    pub generation: Generation,
    pub phase: Phase,
    /// `null` while a record is missing, and where nobody had to look at the records.
    pub traffic: Option<Traffic>,
    pub replication: Replication,
    pub blockers: Vec<Blocker>,
    pub rollback: Viability,
    pub steps: Vec<StepReport>,
    /// What the tick still has to see happen.
    pub waiting_on: Vec<String>,
    /// One sentence: why this outcome.
    pub message: String,
    /// Blockers that were there and that a person overrode.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<Blocker>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Events that should have come by now and had not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed_events: Vec<String>,
    /// What reached the function and is none of its events: its shape and why, as `shape/why`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrecognised: Option<String>,
    /// What this invocation did, for metrics only.
    #[serde(skip)]
    pub tally: Tally,
}

/// What an invocation counts of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub notices_sent: u32,
    pub notices_failed: u32,
    /// Generations that somebody else claimed first.
    pub conflicts_lost: u32,
    /// Ticks that AWS throttled, left to the next minute's.
    pub put_off: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct StepReport {
    pub step: String,
    pub result: String,
}

impl StepReport {
    #[must_use]
    pub fn of(step: Step, result: &str) -> Self {
        Self {
            step: step.name().to_owned(),
            result: result.to_owned(),
        }
    }

    #[must_use]
    pub fn named(step: &str, result: impl Into<String>) -> Self {
        Self {
            step: step.to_owned(),
            result: result.into(),
        }
    }
}
