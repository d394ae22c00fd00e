//! What storms have been through, counted; and what a long one should have been through and was not.

use std::fmt;

use cutover_core::phase::{Action, Phase};
use cutover_core::report::Outcome;
use twin::FaultKind;

use super::evidence::Evidence;
use super::many::{Counts, NAME_WIDTH, fate_name};

const INVOCATIONS: &str = "invocations";
const CALLS: &str = "AWS calls";
const GENERATIONS: &str = "generations";
const PHASES: &str = "phases";
const ENDINGS: &str = "ended in phase";
const OUTCOMES: &str = "outcomes";
const BLOCKERS: &str = "blockers";
const FAILURES: &str = "failures";
const FAULTS: &str = "faults that took effect";
const EVENTS: &str = "events on the bus";
const ALARMS: &str = "alarms";
const FORGED: &str = "strangers' events refused";
const MOVES: &str = "weight changes";

/// Actions that become a generation; the others look, or are carried out under another name.
const DECIDED: [Action; 12] = [
    Action::GradualCutover,
    Action::ManualCutover,
    Action::Rollback,
    Action::Pause,
    Action::Resume,
    Action::Complete,
    Action::Tick,
    Action::Undo,
    Action::Monitor,
    Action::Restart,
    Action::Hold,
    Action::Release,
];
const ENDS: [Outcome; 6] = [
    Outcome::Done,
    Outcome::Held,
    Outcome::Refused,
    Outcome::Unchanged,
    Outcome::InProgress,
    Outcome::NeedsHuman,
];
const FAULT_NAMES: [&str; 7] = [
    "throttled",
    "failed",
    "reply lost",
    "delayed",
    "denied",
    "crashed before",
    "crashed after",
];

/// Counted by heading and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub seeds: u64,
    counts: Counts,
}

impl Tally {
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let mut tally = Self {
            seeds: 1,
            ..Self::default()
        };
        tally.count_answers(evidence);
        tally.count_decisions(evidence);
        tally.count_world(evidence);
        tally
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.counts.merge(other.counts);
    }

    fn count_answers(&mut self, evidence: &Evidence<'_>) {
        for invoked in &evidence.invoked {
            self.counts
                .add(INVOCATIONS, invoked.function.trim_end_matches("-dev"));
            if let Some(Err(failure)) = &invoked.result {
                self.counts.add(FAILURES, failure.error_type.as_str());
            }
        }
        for report in evidence.reports.values() {
            self.counts.add(OUTCOMES, report.outcome.name());
            self.counts.add(PHASES, report.phase.name());
            for blocker in &report.blockers {
                self.counts.add(BLOCKERS, blocker.code.name());
            }
            if let Some(stranger) = &report.unrecognised {
                self.counts.add(FORGED, stranger.as_str());
            }
        }
    }

    fn count_decisions(&mut self, evidence: &Evidence<'_>) {
        for entry in &evidence.entries {
            self.counts.add(GENERATIONS, entry.action.name());
            self.counts.add(PHASES, entry.during.name());
        }
        for moved in &evidence.moves {
            self.counts.add(MOVES, moved.pair.name());
        }
        let state = evidence.stage.state();
        let phase = state.as_ref().and_then(|state| state.get("phase")?.as_str());
        self.counts.add(ENDINGS, phase.unwrap_or("nothing was decided"));
    }

    fn count_world(&mut self, evidence: &Evidence<'_>) {
        for call in &evidence.calls {
            self.counts.add(CALLS, call.service.as_str());
            if let Some(kind) = call.fault {
                self.counts.add(FAULTS, fault_name(kind));
            }
        }
        for event in evidence.stage.twin.bus() {
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
        let faults = FAULT_NAMES.iter().map(|name| (FAULTS, *name));
        let wanted = phases.chain(actions).chain(outcomes).chain(faults);
        self.counts.missing(wanted)
    }
}

fn fault_name(kind: FaultKind) -> &'static str {
    let [throttled, failed, lost, delayed, denied, before, after] = FAULT_NAMES;
    match kind {
        FaultKind::Throttle => throttled,
        FaultKind::FailBefore => failed,
        FaultKind::ReplyLost => lost,
        FaultKind::Delay(_) => delayed,
        FaultKind::Deny => denied,
        FaultKind::CrashBefore => before,
        FaultKind::CrashAfter => after,
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:NAME_WIDTH$}{}", "seeds", self.seeds)?;
        self.counts.fmt(f)
    }
}
