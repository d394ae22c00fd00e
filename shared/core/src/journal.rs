//! One immutable entry per generation: what was decided, from where, by whom, and how it may end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::blocker::Code;
use crate::generation::Generation;
use crate::phase::Action;
use crate::plan::{Plan, Step};
use crate::record::Record;
use crate::schema::{self, SchemaError};
use crate::subject::{Migration, Subject};
use crate::text::Text;
use crate::weight::{Pair, Topology, Weights};

/// Bytes kept of a command's reason.
pub const REASON_BYTES: usize = 400;
/// Bytes of an invocation's id. Lambda's are 36.
pub const ID_BYTES: usize = 64;

/// What is decided, and about what, differs between a migration and a disaster; how a decision is kept does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(bound = "")]
#[cfg_attr(
    feature = "schemas",
    schemars(bound = "S::Action: schemars::JsonSchema, S::Phase: schemars::JsonSchema, \
                      S::Record: schemars::JsonSchema, S::Step: schemars::JsonSchema")
)]
pub struct Entry<S: Subject = Migration> {
    pub schema: u16,
    pub generation: Generation,
    pub at: Timestamp,
    /// Until then the invocation that wrote the entry owns it.
    pub deadline: Timestamp,
    /// Until then its waits may go on; past it everything goes back. `None`: it has no waits that hurt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub give_up_at: Option<Timestamp>,
    /// The function that wrote it.
    pub by: Text<ID_BYTES>,
    /// The invocation that claimed it: the request id, which a repeated delivery carries again.
    pub invocation: Text<ID_BYTES>,
    /// The event that started it, if it has an id: the same event delivered again is recognised by it.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub trigger: Text<ID_BYTES>,
    pub action: S::Action,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub reason: Text<REASON_BYTES>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<Code>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_data_loss: bool,
    /// The phase while the plan runs.
    pub during: S::Phase,
    pub before: S::Record,
    pub plan: Plan<S::Step>,
    /// How it stands when the plan is done.
    pub record: S::Record,
    /// What became of the generation before.
    pub previous: Previous,
}

/// How a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every step verified.
    Finished,
    /// Overtaken by the next generation before it was finished.
    Superseded,
    /// Taken back, or never took effect.
    Undone,
    /// Its plan still runs or waits.
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Previous {
    pub generation: Generation,
    pub outcome: Outcome,
}

impl<S: Subject> Entry<S> {
    #[must_use]
    pub fn is_owned_at(&self, now: Timestamp) -> bool {
        now < self.deadline
    }

    pub fn encode(&self) -> Result<String, SchemaError> {
        schema::encode(self)
    }

    pub fn decode(text: &str) -> Result<Self, SchemaError> {
        schema::decode(text)
    }
}

impl Entry {
    /// The record while the plan runs: before everything is verified, no further than that.
    #[must_use]
    pub fn while_open(&self) -> Record {
        let mut record = self.before.clone().entering(self.during, self.at);
        record.superseded = self.record.superseded;
        record.paused.clone_from(&self.record.paused);
        // A restart that was tried counts, whatever comes of it.
        record.restarts.clone_from(&self.record.restarts);
        record
    }

    /// It carries out nothing on the records: past its deadline there is nothing of it to go on with.
    #[must_use]
    pub fn leaves_traffic_alone(&self) -> bool {
        self.action == Action::Restart
    }

    /// The weights this entry wants on a pair: the last it sets, or those it left alone.
    #[must_use]
    pub fn wants(&self, pair: Pair) -> Weights {
        let set = self.plan.steps.iter().rev().find_map(|step| match step {
            Step::SetWeights { pair: on, to } => (*on == pair).then_some(*to),
            Step::AwaitDrained { .. } | Step::StartReverse | Step::AwaitReverse => None,
            Step::StopReverse | Step::AwaitCarriedBack | Step::AwaitSettled { .. } => None,
            Step::ResumeTask { .. } => None,
        });
        set.unwrap_or_else(|| self.before.traffic.of(pair))
    }

    /// Whether weights found on a pair come from this plan: from before it, from after it, or from what it
    /// superseded.
    #[must_use]
    pub fn explains(&self, pair: Pair, found: Weights, now: Timestamp) -> bool {
        self.before.traffic.of(pair) == found || self.record.explains(pair, found, now)
    }

    /// The pairs whose weights nothing of ours explains.
    #[must_use]
    pub fn drifted(&self, topology: Topology, found: &[(Pair, Weights)], now: Timestamp) -> Vec<Pair> {
        let ours = |pair: &Pair| {
            found
                .iter()
                .any(|(seen, weights)| seen == pair && !self.explains(*pair, *weights, now))
        };
        topology.pairs().iter().copied().filter(ours).collect()
    }
}
