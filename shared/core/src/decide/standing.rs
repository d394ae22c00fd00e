//! Where the migration stands, from the journal's head, the snapshot, and the records as they are.

use jiff::{SignedDuration, Timestamp};

use crate::command::{Command, Verb};
use crate::generation::Generation;
use crate::journal::{Entry, Outcome, Previous};
use crate::observation::Observation;
use crate::plan::Step;
use crate::policy::{OWNERSHIP_SECONDS_MAX, Policy};
use crate::ports::LogView;
use crate::record::{Record, Superseded};
use crate::state::State;
use crate::weight::{Pair, Topology, Traffic, Weight, Weights};

#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub head: Generation,
    /// What is verified so far.
    pub record: Record,
    /// The head's entry while its plan is not known to be done.
    pub open: Option<Entry>,
    /// The head's entry when the snapshot does not say that it is done.
    pub behind: Option<Entry>,
    /// How the head has ended, or will have ended if somebody claims the next generation.
    pub previous: Previous,
    /// Pairs whose weights nothing of ours explains.
    pub drifted: Vec<Pair>,
    /// The last snapshot, which may be behind the head.
    pub state: Option<State>,
    claimed_by: Option<String>,
    started_by: Option<String>,
    /// What an overtaken executor may still do.
    late: Option<Superseded>,
}

impl Standing {
    /// The journal decides; without an entry that may be open, the snapshot; without that, the records as found.
    #[must_use]
    pub fn of(log: &LogView, observation: &Observation, topology: Topology, policy: &Policy) -> Self {
        let found = observation.traffic(topology);
        match log.head() {
            Some(entry) => Self::at_entry(entry, log.state.clone(), found, observation, topology),
            None => match &log.state {
                Some(state) => Self::at_state(state.clone(), observation, topology),
                None => Self::fresh(found, observation, policy),
            },
        }
    }

    fn fresh(found: Option<Traffic>, observation: &Observation, policy: &Policy) -> Self {
        // Where a record is missing nothing can have been shifted; every command is held until it is there.
        let all_source = Weights::of(Weight::ZERO);
        let traffic = found.unwrap_or(Traffic {
            reader: all_source,
            writer: all_source,
        });
        Self {
            head: Generation::NONE,
            record: Record::found(traffic, observation, policy),
            open: None,
            behind: None,
            previous: Previous {
                generation: Generation::NONE,
                outcome: Outcome::Finished,
            },
            drifted: Vec::new(),
            state: None,
            claimed_by: None,
            started_by: None,
            late: None,
        }
    }

    fn at_state(state: State, observation: &Observation, topology: Topology) -> Self {
        let late = state.record.superseded;
        Self {
            head: state.generation,
            record: state.record.clone(),
            open: None,
            behind: None,
            previous: Previous {
                generation: state.generation,
                outcome: state.outcome,
            },
            drifted: state.record.drifted(topology, observation),
            claimed_by: Some(state.invocation.as_str().to_owned()),
            started_by: Some(state.trigger.as_str().to_owned()),
            late,
            state: Some(state),
        }
    }

    /// The head's plan is not known to be done. An instant one past its deadline is judged by what stands.
    fn at_entry(
        entry: &Entry,
        state: Option<State>,
        found: Option<Traffic>,
        observation: &Observation,
        topology: Topology,
    ) -> Self {
        let now = observation.at;
        let weights: Vec<(Pair, Weights)> = topology
            .pairs()
            .iter()
            .filter_map(|pair| Some((*pair, observation.weights(*pair)?)))
            .collect();
        let drifted = entry.drifted(topology, &weights, now);
        let after = entry.record.traffic;
        let over = entry.plan.is_instant() || entry.leaves_traffic_alone();
        let judged = over && !entry.is_owned_at(now) && drifted.is_empty();
        let (record, outcome, open) = match found {
            Some(found) if judged && found == after => (entry.record.clone(), Outcome::Finished, None),
            Some(found) if judged && found == entry.before.traffic => {
                (entry.before.clone(), Outcome::Superseded, None)
            }
            Some(found) if drifted.is_empty() => (
                entry.while_open().carrying(found),
                Outcome::Superseded,
                Some(entry.clone()),
            ),
            Some(_) | None => (entry.while_open(), Outcome::Superseded, Some(entry.clone())),
        };
        Self {
            head: entry.generation,
            record,
            open,
            behind: Some(entry.clone()),
            previous: Previous {
                generation: entry.generation,
                outcome,
            },
            drifted,
            state,
            claimed_by: Some(entry.invocation.as_str().to_owned()),
            started_by: Some(entry.trigger.as_str().to_owned()),
            late: match outcome {
                Outcome::Superseded => Some(Superseded::new(entry.generation, after, latest_act(entry, now))),
                Outcome::Finished | Outcome::Undone | Outcome::Open => entry.record.superseded,
            },
        }
    }

    #[must_use]
    pub fn was_claimed_by(&self, invocation: &str, trigger: &str) -> bool {
        let same_event = !trigger.is_empty() && self.started_by.as_deref() == Some(trigger);
        same_event || self.claimed_by.as_deref() == Some(invocation)
    }

    /// The record a new decision starts from.
    #[must_use]
    pub fn before(&self) -> Record {
        Record {
            superseded: self.late,
            ..self.record.clone()
        }
    }

    /// What the next generation must still expect from executors that were overtaken.
    #[must_use]
    pub fn superseded(&self, now: Timestamp) -> Option<Superseded> {
        self.late.filter(|late| now <= late.until)
    }
}

/// Whether the open entry already does what is asked.
#[must_use]
pub fn is_equal_command(open: &Entry, command: &Command, topology: Topology) -> bool {
    if open.action != command.action() {
        return false;
    }
    match &command.verb {
        Verb::Shift(weight) => open.plan.steps.iter().any(|step| {
            matches!(step, Step::SetWeights { pair, to } if *pair == topology.reads() && *to == Weights::of(*weight))
        }),
        Verb::Climb { rungs, .. } => open.record.ladder.as_ref().is_some_and(|ladder| ladder.rungs == *rungs),
        Verb::ManualCutover { .. } | Verb::Rollback | Verb::Pause | Verb::Resume => true,
        Verb::Complete | Verb::Status | Verb::Tick => true,
        Verb::Monitor { .. } | Verb::Guard { .. } => true,
    }
}

/// Until when somebody may still act for an entry: its first executor, or a tick that just took it up.
fn latest_act(entry: &Entry, now: Timestamp) -> Timestamp {
    let tick = now
        .checked_add(SignedDuration::from_secs(OWNERSHIP_SECONDS_MAX))
        .unwrap_or(now);
    entry.deadline.max(tick)
}
