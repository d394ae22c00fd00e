//! Where a migration stands after a transition: what the journal keeps and the snapshot shows.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::generation::Generation;
use crate::held::Held;
use crate::ladder::Ladder;
use crate::observation::Observation;
use crate::phase::Phase;
use crate::policy::{LATE_EFFECT_SECONDS, Policy};
use crate::replication::{Seen, Task, Verdict, verdict};
use crate::text::Text;
use crate::weight::{Pair, Topology, Traffic, Weights};

/// Bytes kept of a pause's reason.
const PAUSE_REASON_BYTES: usize = 160;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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
    /// Holds that somebody set and has not lifted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
    /// When the task was restarted lately, in seconds since 1970, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restarts: Vec<i64>,
    /// Until when reads may stand between the databases; `None` while they do not, or without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_until: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Pause {
    pub at: Timestamp,
    pub reason: Text<PAUSE_REASON_BYTES>,
}

/// An intent that was overtaken while its executor may still have been running. Should its change arrive
/// late, it is ours to put right and nobody's edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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
            held: Vec::new(),
            restarts: Vec::new(),
            window_until: None,
        }
        .within_window(now, policy)
    }

    /// The window begins with the first shift, is prolonged by a ladder's own bakes, and ends with the mixture.
    #[must_use]
    pub fn within_window(self, now: Timestamp, policy: &Policy) -> Self {
        if policy.window_minutes == 0 || self.traffic.is_all_source() || !self.traffic.writer.is_all_source()
        {
            return Self {
                window_until: None,
                ..self
            };
        }
        let bakes = self.ladder.as_ref().map_or(0, Ladder::minutes);
        let minutes = i64::from(policy.window_minutes).saturating_add(bakes);
        let planned = now.checked_add(SignedDuration::from_mins(minutes)).ok();
        let window_until = match self.window_until {
            Some(begun) if self.ladder.is_none() => Some(begun),
            begun => begun.max(planned),
        };
        Self { window_until, ..self }
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
    if is_level(task, policy, Timestamp::MIN, observation.at) {
        Phase::Ready
    } else {
        Phase::CatchingUp
    }
}

/// Changes are carried, and enough readings in a row since `since` say that the target keeps up.
#[must_use]
pub fn is_level(task: &Task, policy: &Policy, since: Timestamp, now: Timestamp) -> bool {
    let wanted = usize::try_from(policy.ready_samples).unwrap_or(usize::MAX);
    let young = matches!(verdict(task, policy, now), Verdict::Fresh | Verdict::Idle);
    young && task.carries_changes() && task.good_readings(policy.ready_lag_seconds, since) >= wanted
}
