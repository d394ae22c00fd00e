//! Where the writer is and what may happen to it: what the journal keeps and the snapshot shows.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::phase::Phase;
use super::policy::{Mode, Policy, WOULD_MAX};
use super::side::Side;
use crate::blocker::Code;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Record {
    pub phase: Phase,
    /// When the phase began.
    pub since: Timestamp,
    /// The side whose cluster was last verified to be the writer.
    pub writer: Side,
    /// What `arm` set; without it, what the configuration says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub armed: Option<Mode>,
    /// Until then no promotion may follow by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<Timestamp>,
    /// A drill is half done: the writer is to go back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drilling: bool,
    /// The topology is gone: there is nothing to go back to until somebody builds it anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// Why nothing was done, as people were told in this phase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Code>,
    /// They were told as well that only they can decide.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked: bool,
    /// What mode `observe` would have done, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub would: Vec<Would>,
}

/// A promotion that was not made, because the mode is `observe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Would {
    pub at: Timestamp,
    /// What it might have lost.
    pub loss_seconds: u64,
}

impl Record {
    #[must_use]
    pub fn found(writer: Side, now: Timestamp) -> Self {
        Self {
            phase: Self::resting(writer),
            since: now,
            writer,
            armed: None,
            blocked_until: None,
            drilling: false,
            detached: false,
            held: Vec::new(),
            asked: false,
            would: Vec::new(),
        }
    }

    /// The phase of a writer that nothing is wrong with.
    #[must_use]
    pub fn resting(writer: Side) -> Phase {
        match writer {
            Side::Primary => Phase::Normal,
            Side::Dr => Phase::FailedOver,
        }
    }

    /// The same record in another phase. Only if the phase changes do the time of entry and what was told in it.
    #[must_use]
    pub fn entering(self, phase: Phase, now: Timestamp) -> Self {
        if self.phase == phase {
            return self;
        }
        Self {
            phase,
            since: now,
            ..self.unheld()
        }
    }

    /// Nothing speaks against anything.
    #[must_use]
    pub fn unheld(self) -> Self {
        Self {
            held: Vec::new(),
            asked: false,
            ..self
        }
    }

    #[must_use]
    pub fn mode(&self, policy: &Policy) -> Mode {
        self.armed.unwrap_or(policy.mode)
    }

    #[must_use]
    pub fn is_blocked(&self, now: Timestamp) -> bool {
        self.blocked_until.is_some_and(|until| now < until)
    }

    /// The block period that begins with a promotion.
    #[must_use]
    pub fn blocked(self, now: Timestamp, policy: &Policy) -> Self {
        let minutes = SignedDuration::from_mins(i64::from(policy.block_minutes));
        Self {
            blocked_until: now.checked_add(minutes).ok(),
            ..self
        }
    }

    #[must_use]
    pub fn would_have(mut self, would: Would) -> Self {
        self.would.insert(0, would);
        self.would.truncate(WOULD_MAX);
        self
    }
}
