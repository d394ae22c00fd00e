//! One transition as other software hears of it, on the event bus.

use serde::Serialize;

use crate::generation::Generation;
use crate::journal::{Entry, Outcome};
use crate::phase::{Action, Phase};
use crate::record::Record;
use crate::viability::Viability;
use crate::weight::Traffic;

/// `source` of the events.
pub const SOURCE: &str = "cutover";
/// `detail-type` of the events.
pub const DETAIL_TYPE: &str = "Migration State Change";

/// The `detail` of an event. Public: pipelines match on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    pub environment: String,
    pub generation: Generation,
    pub action: Action,
    /// How the generation ended: `finished` or `undone`.
    pub outcome: Outcome,
    pub previous_phase: Phase,
    pub phase: Phase,
    pub traffic: Traffic,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Viability>,
    /// A person's reason, or what caused it.
    pub reason: String,
    /// The function that decided it.
    pub by: String,
    /// When it was decided, RFC 3339.
    pub at: String,
}

impl Transition {
    #[must_use]
    pub fn of(
        environment: &str,
        entry: &Entry,
        reached: &Record,
        outcome: Outcome,
        rollback: Option<Viability>,
    ) -> Self {
        Self {
            environment: environment.to_owned(),
            generation: entry.generation,
            action: entry.action,
            outcome,
            previous_phase: entry.before.phase,
            phase: reached.phase,
            traffic: reached.traffic,
            rollback,
            reason: entry.reason.as_str().to_owned(),
            by: entry.by.as_str().to_owned(),
            at: entry.at.to_string(),
        }
    }

    /// ARN-like name of what it is about, for `resources`.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("cutover:{}", self.environment)
    }
}
