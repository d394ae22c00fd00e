//! Where a migration stands after a transition: what the journal keeps and the snapshot shows.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::generation::Generation;
use crate::ladder::Ladder;
use crate::observation::Observation;
use crate::phase::Phase;
use crate::policy::{LATE_EFFECT_SECONDS, Policy};
use crate::replication::{Seen, Verdict, verdict};
use crate::text::Text;
use crate::weight::{Pair, Topology, Traffic, Weights};

/// Bytes kept of a pause's reason.
const PAUSE_REASON_BYTES: usize = 160;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub phase: Phase,
    /// When the phase began.
    pub since: Timestamp,
    pub traffic: Traffic,
    pub ladder: Option<Ladder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// When the writer left the source; reset when it is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer_moved_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded: Option<Superseded>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub at: Timestamp,
    pub reason: Text<PAUSE_REASON_BYTES>,
}

/// An intent that was overtaken while its executor may still have been running. Should its change arrive
/// late, it is ours to put right and nobody's edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    pub generation: Generation,
    pub traffic: Traffic,
    /// Until when a late change is taken for that executor's.
    pub until: Timestamp,
}

impl Superseded {
    #[must_use]
    pub fn new(generation: Generation, traffic: Traffic, deadline: Timestamp) -> Self {
        let late = SignedDuration::from_secs(LATE_EFFECT_SECONDS);
        Self {
            generation,
            traffic,
            until: deadline.checked_add(late).unwrap_or(Timestamp::MAX),
        }
    }
}

impl Record {
    /// What a fresh environment stands at: the records as they are, and a phase that says what they and the
    /// replication show.
    #[must_use]
    pub fn found(traffic: Traffic, observation: &Observation, policy: &Policy) -> Self {
        let now = observation.at;
        let phase = if traffic.writer.is_all_target() {
            Phase::CutOver
        } else if !traffic.is_all_source() {
            Phase::Shifting
        } else {
            phase_before_traffic(observation, policy)
        };
        let writer_moved_at = (!traffic.writer.is_all_source()).then_some(now);
        Self {
            phase,
            since: now,
            traffic,
            ladder: None,
            paused: None,
            writer_moved_at,
            superseded: None,
        }
    }

    /// The same record in another phase. The time of entry changes only if the phase does.
    #[must_use]
    pub fn entering(self, phase: Phase, now: Timestamp) -> Self {
        let since = if self.phase == phase { self.since } else { now };
        Self { phase, since, ..self }
    }

    #[must_use]
    pub fn carrying(self, traffic: Traffic) -> Self {
        Self { traffic, ..self }
    }

    /// The same record once nothing is under way any more: the phase is what its traffic shows.
    #[must_use]
    pub fn at_rest(self, now: Timestamp) -> Self {
        let phase = match self.phase {
            Phase::CuttingOver | Phase::RollingBack if self.traffic.writer.is_all_target() => Phase::CutOver,
            Phase::CuttingOver | Phase::RollingBack if self.traffic.is_all_source() => Phase::RolledBack,
            Phase::CuttingOver | Phase::RollingBack => Phase::Shifting,
            Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => self.phase,
            Phase::Shifting | Phase::CutOver | Phase::RolledBack | Phase::Completed => self.phase,
        };
        let writer_moved_at = self
            .writer_moved_at
            .filter(|_| !self.traffic.writer.is_all_source());
        Self {
            writer_moved_at,
            ..self.entering(phase, now)
        }
    }

    /// Whether weights found on a pair are this record's own, or the late effect of what it superseded.
    #[must_use]
    pub fn explains(&self, pair: Pair, found: Weights, now: Timestamp) -> bool {
        self.traffic.of(pair) == found || self.late_effect(now).is_some_and(|late| late.of(pair) == found)
    }

    /// Traffic that a superseded executor may still bring about.
    #[must_use]
    pub fn late_effect(&self, now: Timestamp) -> Option<Traffic> {
        self.superseded
            .filter(|superseded| now <= superseded.until)
            .map(|superseded| superseded.traffic)
    }

    /// The pairs whose weights nothing of ours explains.
    #[must_use]
    pub fn drifted(&self, topology: Topology, observation: &Observation) -> Vec<Pair> {
        let differs = |pair: &Pair| {
            observation
                .weights(*pair)
                .is_some_and(|found| !self.explains(*pair, found, observation.at))
        };
        topology.pairs().iter().copied().filter(differs).collect()
    }
}

fn phase_before_traffic(observation: &Observation, policy: &Policy) -> Phase {
    let Seen::Known(task) = &observation.forward else {
        return Phase::Preparing;
    };
    if !task.is_running() {
        return Phase::Preparing;
    }
    if task.full_load_percent.is_some_and(|percent| percent < 100) {
        return Phase::FullLoad;
    }
    match verdict(task, policy, observation.at) {
        Verdict::Fresh | Verdict::Idle => Phase::Ready,
        Verdict::Lagging | Verdict::Missing => Phase::CatchingUp,
    }
}
