//! What an answer tells the log and the metrics, whatever it is about.

use cutover_core::blocker::Blocker;
use cutover_core::error::Failure;
use cutover_core::metrics::{self, Measured, Metric};
use cutover_core::{dr, report};

/// The answer of a function.
pub trait Told: serde::Serialize + Sized {
    fn line(&self) -> Line<'_>;
    fn metrics(result: &Result<Self, Failure>, measured: Measured) -> Vec<Metric>;
}

/// The fields of the one log line of an invocation.
pub struct Line<'a> {
    pub action: &'static str,
    pub outcome: &'static str,
    pub generation: u32,
    pub phase: &'static str,
    pub blockers: String,
    pub unrecognised: Option<&'a str>,
    pub missed_events: String,
    pub message: &'a str,
}

impl Told for report::Report {
    fn line(&self) -> Line<'_> {
        Line {
            action: self.action.name(),
            outcome: self.outcome.name(),
            generation: self.generation.number(),
            phase: self.phase.name(),
            blockers: codes(&self.blockers),
            unrecognised: self.unrecognised.as_deref(),
            missed_events: self.missed_events.join("; "),
            message: &self.message,
        }
    }

    fn metrics(result: &Result<Self, Failure>, measured: Measured) -> Vec<Metric> {
        metrics::of(result, measured)
    }
}

impl Told for dr::report::Report {
    fn line(&self) -> Line<'_> {
        Line {
            action: self.action.name(),
            outcome: self.outcome.name(),
            generation: self.generation.number(),
            phase: self.phase.name(),
            blockers: codes(&self.blockers),
            unrecognised: self.unrecognised.as_deref(),
            // RDS promises no event, so none of them is missed.
            missed_events: String::new(),
            message: &self.message,
        }
    }

    fn metrics(result: &Result<Self, Failure>, measured: Measured) -> Vec<Metric> {
        dr::metrics::of(result, measured)
    }
}

fn codes(blockers: &[Blocker]) -> String {
    let codes: Vec<&str> = blockers.iter().map(|blocker| blocker.code.name()).collect();
    codes.join(",")
}
