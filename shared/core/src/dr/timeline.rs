//! When each part of a run was reached, and what that is against the objectives.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::loss::LossEstimate;
use super::policy::Objectives;
use crate::replication::seconds_between;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Timeline {
    /// The first sign of what was decided on; for what a person asked, the asking.
    pub detected: Timestamp,
    pub decided: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promote_called: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promoted: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routed: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Timestamp>,
}

/// One figure against its objective. Public: it stands in answers and reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Figure {
    /// `detection`, `promotion`, `routing`, `verification`, `rto` or `rpo`.
    pub part: String,
    /// `None` while it is not known.
    pub seconds: Option<u64>,
    pub objective_seconds: u32,
    pub met: Option<bool>,
}

impl Timeline {
    #[must_use]
    pub fn begun(detected: Timestamp, decided: Timestamp) -> Self {
        Self {
            detected: detected.min(decided),
            decided,
            promote_called: None,
            promoted: None,
            routed: None,
            verified: None,
        }
    }

    /// Recovery point and time, and their parts. A planned run loses nothing, so its RPO is 0.
    #[must_use]
    pub fn figures(&self, objectives: &Objectives, loss: Option<LossEstimate>, forced: bool) -> Vec<Figure> {
        let span = |from: Option<Timestamp>, to: Option<Timestamp>| Some(seconds_between(from?, to?));
        // Not recovered before traffic is known to be led there.
        let recovered = self.routed.and(self.verified);
        let (detected, decided) = (Some(self.detected), Some(self.decided));
        let rpo = if forced {
            loss.map(|loss| loss.seconds)
        } else {
            Some(0)
        };
        [
            ("detection", span(detected, decided), objectives.detection_seconds),
            (
                "promotion",
                span(decided, self.promoted),
                objectives.promotion_seconds,
            ),
            (
                "routing",
                span(self.promoted, self.routed),
                objectives.routing_seconds,
            ),
            (
                "verification",
                span(self.routed, self.verified),
                objectives.verification_seconds,
            ),
            ("rto", span(detected, recovered), objectives.rto_seconds),
            ("rpo", rpo, objectives.rpo_seconds),
        ]
        .into_iter()
        .map(|(part, seconds, objective_seconds)| Figure {
            part: part.to_owned(),
            seconds,
            objective_seconds,
            met: seconds.map(|seconds| seconds <= u64::from(objective_seconds)),
        })
        .collect()
    }

    /// Seconds from the first sign to where it has come so far.
    #[must_use]
    pub fn marks(&self) -> Vec<(&'static str, Timestamp)> {
        let reached = [
            ("detected", Some(self.detected)),
            ("decided", Some(self.decided)),
            ("promote called", self.promote_called),
            ("promoted", self.promoted),
            ("routed", self.routed),
            ("verified", self.verified),
        ];
        reached
            .into_iter()
            .filter_map(|(name, moment)| Some((name, moment?)))
            .collect()
    }
}
