//! The ordered effects of one decision.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::replication::Direction;
use crate::weight::{Pair, Topology, Traffic, Weights};

/// One effect: idempotent, verified, with an undo or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// Verified by the answer to the exact-match batch, or by reading the pair back. Undo: the weights before.
    SetWeights { pair: Pair, to: Weights },
    /// Everything the source took before `since` is on the target. No effect, nothing to undo.
    AwaitDrained { since: Timestamp },
    /// Verified by the task's status. Undo: stop it.
    StartReverse,
    /// Reverse replication runs, so that no write on the target is without a way back. Nothing to undo.
    AwaitReverse,
    /// Verified by the task's status. No undo: it gives up the way back.
    StopReverse,
    /// The target's writes have been carried back to the source. Nothing to undo.
    AwaitCarriedBack,
    /// A task that stopped recoverably goes on where it stopped. Verified by the task's status. Undo: none, it was
    /// meant to run.
    ResumeTask { direction: Direction },
    /// Name servers answer with the new weights, and answers cached before have expired. Nothing to undo.
    AwaitSettled { pair: Pair },
}

impl Step {
    /// The name operators see, for example `set-reader-weight`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SetWeights { pair, .. } => match pair {
                Pair::Reader => "set-reader-weight",
                Pair::Writer => "set-writer-weight",
                Pair::Shared => "set-shared-weight",
            },
            Self::AwaitDrained { .. } => "await-drained",
            Self::StartReverse => "start-reverse",
            Self::AwaitReverse => "await-reverse",
            Self::StopReverse => "stop-reverse",
            Self::AwaitCarriedBack => "await-carried-back",
            Self::ResumeTask { direction } => match direction {
                Direction::Forward => "resume-task",
                Direction::Reverse => "resume-reverse-task",
            },
            Self::AwaitSettled { pair } => match pair {
                Pair::Reader => "await-reader-settled",
                Pair::Writer => "await-writer-settled",
                Pair::Shared => "await-shared-settled",
            },
        }
    }

    /// The step that takes this one back, given the traffic before the plan; `None` where there is nothing to
    /// take back or no way to.
    #[must_use]
    pub fn undo(self, before: Traffic) -> Option<Self> {
        match self {
            Self::SetWeights { pair, .. } => Some(Self::SetWeights {
                pair,
                to: before.of(pair),
            }),
            Self::StartReverse => Some(Self::StopReverse),
            Self::AwaitDrained { .. } | Self::AwaitReverse | Self::AwaitCarriedBack => None,
            Self::AwaitSettled { .. } | Self::StopReverse | Self::ResumeTask { .. } => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Plan<S = Step> {
    pub steps: Vec<S>,
}

impl<S> Default for Plan<S> {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl<S> Plan<S> {
    #[must_use]
    pub fn of(steps: Vec<S>) -> Self {
        Self { steps }
    }
}

impl Plan {
    /// Nothing in it waits for the world: it is over when its weights stand.
    #[must_use]
    pub fn is_instant(&self) -> bool {
        self.steps
            .iter()
            .all(|step| matches!(step, Step::SetWeights { .. }))
    }

    /// Where to go on, given what the records show. A weight that stands proves everything before it: the
    /// writer flips only after the drain, and must not be judged by the drain's rules again.
    #[must_use]
    pub fn resume_at(&self, topology: Topology, before: Traffic, found: Traffic) -> usize {
        let stands = |step: &Step| match step {
            Step::SetWeights { pair, to } => {
                *pair == topology.writes() && before.of(*pair) != *to && found.of(*pair) == *to
            }
            Step::AwaitDrained { .. } | Step::StartReverse | Step::AwaitReverse => false,
            Step::StopReverse | Step::AwaitCarriedBack | Step::AwaitSettled { .. } => false,
            Step::ResumeTask { .. } => false,
        };
        self.steps.iter().rposition(stands).unwrap_or(0)
    }

    /// The plan that takes everything back. Taking the writer back is not an undo but a rollback, so a plan
    /// whose writer stands on the new side has none.
    #[must_use]
    pub fn undo(&self, topology: Topology, before: Traffic, found: Traffic) -> Option<Self> {
        if before.of(topology.writes()) != found.of(topology.writes()) {
            return None;
        }
        let not_the_writer = |step: &Step| match step {
            Step::SetWeights { pair, .. } => *pair != topology.writes(),
            Step::AwaitDrained { .. } | Step::StartReverse | Step::AwaitReverse => true,
            Step::StopReverse | Step::AwaitCarriedBack | Step::AwaitSettled { .. } => true,
            Step::ResumeTask { .. } => true,
        };
        let steps = self.steps.iter().rev().filter(|step| not_the_writer(step));
        Some(Self {
            steps: steps.filter_map(|step| step.undo(before)).collect(),
        })
    }
}
