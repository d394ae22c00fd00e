//! What disaster storms have been through, counted; and what long ones should have been through and were not.

use std::collections::BTreeMap;
use std::fmt;

use cutover_core::dr::phase::{Action, Phase};
use cutover_core::report::Outcome;
use twin::events::Fate;

use super::evidence::Evidence;
use super::schedule::Kind;

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
/// Where the counts begin in a line of the summary.
const NAME_WIDTH: usize = 26;

/// Counts by heading and name, always in the same order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub blips: u64,
    pub outages: u64,
    counts: BTreeMap<&'static str, BTreeMap<String, u64>>,
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

    fn add(&mut self, heading: &'static str, name: impl Into<String>) {
        self.add_times(heading, name, 1);
    }

    fn add_times(&mut self, heading: &'static str, name: impl Into<String>, times: u64) {
        *self
            .counts
            .entry(heading)
            .or_default()
            .entry(name.into())
            .or_default() += times;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.blips += other.blips;
        self.outages += other.outages;
        for (heading, names) in other.counts {
            for (name, count) in names {
                self.add_times(heading, name, count);
            }
        }
    }

    fn count_answers(&mut self, evidence: &Evidence<'_>) {
        for invoked in &evidence.invoked {
            let cause = format!("{:?}", invoked.cause);
            let cause = cause.split(['(', ' ']).next().unwrap_or_default().to_lowercase();
            self.add(INVOCATIONS, cause);
            if let Some(Err(failure)) = &invoked.result {
                self.add(FAILURES, failure.error_type.as_str());
            }
        }
        for report in &evidence.reports {
            self.add(OUTCOMES, report.outcome.name());
            self.add(PHASES, report.phase.name());
            for blocker in &report.blockers {
                self.add(BLOCKERS, blocker.code.name());
            }
            if let Some(stranger) = &report.unrecognised {
                self.add(STRANGERS, stranger.as_str());
            }
        }
    }

    fn count_decisions(&mut self, evidence: &Evidence<'_>) {
        for entry in &evidence.entries {
            self.add(GENERATIONS, entry.action.name());
            self.add(PHASES, entry.during.name());
        }
        let phase = evidence.state.as_ref().map(|state| state.record.phase.name());
        let kind = evidence.schedule.kind;
        let phase = phase.unwrap_or("nothing was decided");
        self.add(ENDINGS, format!("{kind} {phase}"));
        if evidence.promoted().is_some() {
            self.add(ENDINGS, PROMOTED);
        }
        let split = u64::try_from(evidence.played.watch.split.len()).unwrap_or_default();
        self.add_times(SECONDS, "the old one was not fenced", split);
    }

    fn count_world(&mut self, evidence: &Evidence<'_>) {
        for call in &evidence.calls {
            self.add(CALLS, call.service.as_str());
            if let Some(kind) = call.fault {
                let name = kind.to_string();
                let name = if name.starts_with("delayed") {
                    "delayed"
                } else {
                    name.as_str()
                };
                self.add(FAULTS, name);
            }
        }
        for (_, happening) in &evidence.schedule.happenings {
            self.add(HAPPENED, happening.name());
        }
        for event in evidence.played.stage.there.bus() {
            self.add(EVENTS, fate_name(event.fate));
            let alarm = event.event.pointer("/detail/state/value");
            if let Some(state) = alarm.and_then(serde_json::Value::as_str) {
                self.add(ALARMS, state);
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
        wanted
            .filter(|(heading, name)| {
                let seen = self.counts.get(heading).and_then(|names| names.get(*name));
                seen.is_none()
            })
            .map(|(heading, name)| format!("{heading}: {name}"))
            .collect()
    }

    /// Outages in which it promoted by itself.
    #[must_use]
    pub fn promoted(&self) -> u64 {
        let endings = self.counts.get(ENDINGS);
        endings
            .and_then(|names| names.get(PROMOTED))
            .copied()
            .unwrap_or_default()
    }
}

fn fate_name(fate: Fate) -> &'static str {
    match fate {
        Fate::OnTime => "on time",
        Fate::Late(_) => "late",
        Fate::Lost => "lost",
        Fate::Twice(_) => "twice",
        Fate::Held => "held back",
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:NAME_WIDTH$}{}", "blips", self.blips)?;
        writeln!(f, "{:NAME_WIDTH$}{}", "outages", self.outages)?;
        for (heading, names) in &self.counts {
            let all: u64 = names.values().sum();
            let each: Vec<String> = names
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            writeln!(f, "{heading:NAME_WIDTH$}{all}: {}", each.join(", "))?;
        }
        Ok(())
    }
}
