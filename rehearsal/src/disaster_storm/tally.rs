//! What disaster storms have been through, counted; and what long ones should have been through and were not.

use std::fmt;

use cutover_core::dr::phase::{Action, Phase};
use cutover_core::report::Outcome;

use super::evidence::Evidence;
use super::schedule::Kind;
use crate::storm::many::{Counts, NAME_WIDTH, fate_name};

const INVOCATIONS: &str = "invocations";
const CALLS: &str = "AWS calls";
const GENERATIONS: &str = "generations";
const PHASES: &str = "phases";
const ENDINGS: &str = "ended";
const OUTCOMES: &str = "outcomes";
const BLOCKERS: &str = "blockers";
const FAILURES: &str = "failures";
const FAULTS: &str = "faults that took effect";
const EVENTS: &str = "events on the bus";
const ALARMS: &str = "alarms";
const STRANGERS: &str = "strangers' events refused";
const HAPPENED: &str = "happened";
const SECONDS: &str = "seconds of two takers";

/// Actions that become a generation; the others look, or are carried out under another name.
const DECIDED: [Action; 10] = [
    Action::Failover,
    Action::Switchover,
    Action::Drill,
    Action::Promote,
    Action::WouldPromote,
    Action::Suspect,
    Action::Hold,
    Action::Clear,
    Action::Adopt,
    Action::DrillBack,
];
const ENDS: [Outcome; 6] = [
    Outcome::Done,
    Outcome::Held,
    Outcome::Refused,
    Outcome::Unchanged,
    Outcome::InProgress,
    Outcome::NeedsHuman,
];
const HOLDS: [&str; 7] = [
    "quorum-missing",
    "unconfirmed",
    "primary-alive",
    "loss-over-budget",
    "not-armed",
    "approval-needed",
    "data-loss-not-accepted",
];
const FAULT_NAMES: [&str; 6] = [
    "throttled",
    "failed before it took effect",
    "reply lost",
    "delayed",
    "crash before it took effect",
    "crash after it took effect",
];
const PROMOTED: &str = "promoted by itself";
/// Where it is the law that the DR cluster serves in the end.
const DEMANDED: &str = "outage that demands a promotion";

/// Counted by heading and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub blips: u64,
    pub outages: u64,
    counts: Counts,
}

impl Tally {
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let mut tally = Self::default();
        match evidence.schedule.kind {
            Kind::Blip => tally.blips = 1,
            Kind::Outage => tally.outages = 1,
        }
        tally.count_answers(evidence);
        tally.count_decisions(evidence);
        tally.count_world(evidence);
        tally
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.blips += other.blips;
        self.outages += other.outages;
        self.counts.merge(other.counts);
    }

    fn count_answers(&mut self, evidence: &Evidence<'_>) {
        for invoked in &evidence.invoked {
            let cause = format!("{:?}", invoked.cause);
            let cause = cause.split(['(', ' ']).next().unwrap_or_default().to_lowercase();
            self.counts.add(INVOCATIONS, cause);
            if let Some(Err(failure)) = &invoked.result {
                self.counts.add(FAILURES, failure.error_type.as_str());
            }
        }
        for report in &evidence.reports {
            self.counts.add(OUTCOMES, report.outcome.name());
            self.counts.add(PHASES, report.phase.name());
            for blocker in &report.blockers {
                self.counts.add(BLOCKERS, blocker.code.name());
            }
            if let Some(stranger) = &report.unrecognised {
                self.counts.add(STRANGERS, stranger.as_str());
            }
        }
    }

    fn count_decisions(&mut self, evidence: &Evidence<'_>) {
        for entry in &evidence.entries {
            self.counts.add(GENERATIONS, entry.action.name());
            self.counts.add(PHASES, entry.during.name());
        }
        let phase = evidence.state.as_ref().map(|state| state.record.phase.name());
        let kind = evidence.schedule.kind;
        let phase = phase.unwrap_or("nothing was decided");
        self.counts.add(ENDINGS, format!("{kind} {phase}"));
        if evidence.promoted().is_some() {
            self.counts.add(ENDINGS, PROMOTED);
        }
        if evidence.schedule.demands_a_promotion() {
            self.counts.add(ENDINGS, DEMANDED);
        }
        let split = u64::try_from(evidence.played.watch.split.len()).unwrap_or_default();
        self.counts
            .add_times(SECONDS, "the old one was not fenced", split);
    }

    fn count_world(&mut self, evidence: &Evidence<'_>) {
        for call in &evidence.calls {
            self.counts.add(CALLS, call.service.as_str());
            if let Some(kind) = call.fault {
                let name = kind.to_string();
                let name = if name.starts_with("delayed") {
                    "delayed"
                } else {
                    name.as_str()
                };
                self.counts.add(FAULTS, name);
            }
        }
        for (_, happening) in &evidence.schedule.happenings {
            self.counts.add(HAPPENED, happening.name());
        }
        for event in evidence.played.stage.there.bus() {
            self.counts.add(EVENTS, fate_name(event.fate));
            let alarm = event.event.pointer("/detail/state/value");
            if let Some(state) = alarm.and_then(serde_json::Value::as_str) {
                self.counts.add(ALARMS, state);
            }
        }
    }

    /// What storms of this length must have seen, or they prove little.
    #[must_use]
    pub fn never_seen(&self) -> Vec<String> {
        let phases = Phase::ALL.iter().map(|phase| (PHASES, phase.name()));
        let actions = DECIDED.iter().map(|action| (GENERATIONS, action.name()));
        let outcomes = ENDS.iter().map(|outcome| (OUTCOMES, outcome.name()));
        let holds = HOLDS.iter().map(|code| (BLOCKERS, *code));
        let faults = FAULT_NAMES.iter().map(|name| (FAULTS, *name));
        let wanted = phases.chain(actions).chain(outcomes).chain(holds).chain(faults);
        self.counts.missing(wanted)
    }

    /// Outages in which it promoted by itself.
    #[must_use]
    pub fn promoted(&self) -> u64 {
        self.counts.of(ENDINGS, PROMOTED)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:NAME_WIDTH$}{}", "blips", self.blips)?;
        writeln!(f, "{:NAME_WIDTH$}{}", "outages", self.outages)?;
        self.counts.fmt(f)
    }
}
