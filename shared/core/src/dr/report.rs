//! The answer of every invocation of `dr-failover`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::loss::LossEstimate;
use super::phase::{Action, Phase};
use super::policy::{Mode, Objectives};
use super::record::Would;
use super::side::Side;
use super::timeline::{Figure, Timeline};
use super::votes::Vote;
use crate::blocker::Blocker;
use crate::generation::Generation;
use crate::report::{Outcome, StepReport, Tally};
use crate::viability::Viability;

/// Public: other software parses it. It has the form of every answer, and `dr`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Report {
    pub outcome: Outcome,
    pub action: Action,
    pub environment: String,
    pub generation: Generation,
    pub phase: Phase,
    pub traffic: Traffic,
    pub replication: Replication,
    pub blockers: Vec<Blocker>,
    /// Going back to the other cluster: `lossless` by a switchover, or `impossible` as things stand.
    pub rollback: Viability,
    pub steps: Vec<StepReport>,
    /// What the tick still has to see happen.
    pub waiting_on: Vec<String>,
    /// One sentence: why this outcome.
    pub message: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// What reached the function and is none of its events: its shape and why, as `shape/why`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrecognised: Option<String>,
    pub dr: Dr,
    /// What this invocation did, for metrics only.
    #[serde(skip)]
    pub tally: Tally,
}

/// Who is led the traffic by the data plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Traffic {
    pub serve_from: Side,
}

/// How the other cluster follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Replication {
    /// `replicating`, `not-replicating` or `unknown`.
    pub status: String,
    pub lag_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_age_seconds: Option<u64>,
    /// `fresh`, `stale` or `missing`.
    pub verdict: String,
}

/// What was seen, and what a promotion would mean.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Dr {
    pub mode: Option<Mode>,
    pub roles: Vec<Role>,
    pub votes: Vec<Vote>,
    pub quorum: u32,
    /// `null` when no reading of the lag was ever seen.
    pub loss_estimate: Option<LossEstimate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<Timestamp>,
    /// Of the last run that moved the writer, or that is moving it.
    pub timeline: Option<Timeline>,
    pub figures: Vec<Figure>,
    pub objectives: Objectives,
    /// The operation that would move the writer, as AWS names it, if one can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_call: Option<String>,
    /// What mode `observe` would have done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub would_have: Vec<Would>,
    /// What a person should know and that stops nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A cluster as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Role {
    pub side: Side,
    pub arn: String,
    /// `writer`, `reader` or `unknown`.
    pub role: String,
    /// Its status, or why it is not known.
    pub status: String,
}
