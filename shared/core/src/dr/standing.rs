//! Where we stand, from the journal's head, the snapshot, and the roles as they are.

use jiff::{SignedDuration, Timestamp};

use super::account::Run;
use super::observation::{LagSeen, Observation};
use super::plan::Step;
use super::policy::OWNERSHIP_SECONDS;
use super::record::Record;
use super::roles;
use super::settings::Settings;
use super::side::Side;
use super::state::State;
use super::{Disaster, Entry};
use crate::generation::Generation;
use crate::journal::{Outcome, Previous};
use crate::ports::LogView;
use crate::replication::Seen;

#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub head: Generation,
    /// What is verified so far.
    pub record: Record,
    /// The head's entry while the snapshot does not say that it is done.
    pub behind: Option<Entry>,
    /// How the head has ended, or will have ended if somebody claims the next generation.
    pub previous: Previous,
    /// The last snapshot, which may be behind the head.
    pub state: Option<State>,
    /// Who is the writer, as seen now.
    pub writer: Seen<Side>,
}

impl Standing {
    #[must_use]
    pub fn of(log: &LogView<Disaster>, seen: &Observation, settings: &Settings) -> Self {
        let state = log.state.clone();
        let detached = state.as_ref().is_some_and(|state| state.record.detached);
        let writer = roles::writer_once_detached(seen, settings, detached);
        if let Some(entry) = log.head() {
            return Self::at_entry(entry, state, writer, seen, settings);
        }
        let Some(state) = state else {
            // Where nothing is known the configuration's word is all there is, and every command is judged by what is seen.
            let side = writer.known().copied().unwrap_or(Side::Primary);
            return Self {
                head: Generation::NONE,
                record: Record::found(side, seen.at),
                behind: None,
                previous: Previous {
                    generation: Generation::NONE,
                    outcome: Outcome::Finished,
                },
                state: None,
                writer,
            };
        };
        Self {
            head: state.generation,
            record: state.record.clone(),
            behind: None,
            previous: Previous {
                generation: state.generation,
                outcome: state.outcome,
            },
            state: Some(state),
            writer,
        }
    }

    /// An entry that the snapshot does not know as done. Should somebody claim the next generation, it is finished if
    /// its writer is there, and superseded if not.
    fn at_entry(
        entry: &Entry,
        state: Option<State>,
        writer: Seen<Side>,
        seen: &Observation,
        settings: &Settings,
    ) -> Self {
        let run = state.as_ref().and_then(|state| state.run.as_ref());
        let reached = has_reached(entry, run, seen, settings);
        let record = if entry.plan.steps.is_empty() {
            entry.record.clone()
        } else {
            while_open(entry, reached)
        };
        let outcome = if reached || entry.plan.steps.is_empty() {
            Outcome::Finished
        } else {
            Outcome::Superseded
        };
        Self {
            head: entry.generation,
            record,
            behind: Some(entry.clone()),
            previous: Previous {
                generation: entry.generation,
                outcome,
            },
            state,
            writer,
        }
    }

    /// The newest reading of the lag that is remembered.
    #[must_use]
    pub fn kept_lag(&self) -> Option<LagSeen> {
        self.state.as_ref().and_then(|state| state.lag).map(LagSeen::from)
    }

    /// The head was claimed by this invocation.
    #[must_use]
    pub fn is_by(&self, invocation: &str) -> bool {
        let entry = self.behind.as_ref().map(|entry| entry.invocation.as_str());
        let state = self.state.as_ref().map(|state| state.invocation.as_str());
        !invocation.is_empty() && entry.or(state) == Some(invocation)
    }

    /// Its executor may still be at work: it was begun, or has written, a moment ago.
    #[must_use]
    pub fn is_owned(&self, now: Timestamp) -> bool {
        let Some(entry) = &self.behind else {
            return false;
        };
        let written = self
            .state
            .as_ref()
            .filter(|state| state.generation == entry.generation);
        if written
            .and_then(|state| state.run.as_ref())
            .is_some_and(|run| run.left_off)
        {
            return false;
        }
        let written = written.and_then(|state| {
            let alive = SignedDuration::from_secs(OWNERSHIP_SECONDS);
            state.updated_at.checked_add(alive).ok()
        });
        entry.is_owned_at(now) || written.is_some_and(|until| now < until)
    }
}

/// The record while a plan runs: no further than what is verified.
#[must_use]
pub fn while_open(entry: &Entry, reached: bool) -> Record {
    let record = entry.before.clone().entering(entry.during, entry.at);
    Record {
        // Whatever happens to the rest of the plan: a promotion that happened blocks the next.
        writer: if reached {
            entry.record.writer
        } else {
            record.writer
        },
        blocked_until: if reached {
            entry.record.blocked_until
        } else {
            record.blocked_until
        },
        detached: reached && entry.record.detached || record.detached,
        drilling: entry.record.drilling,
        ..record
    }
}

/// Whether the writer is where this entry wants it, by the operation that its run came to.
#[must_use]
pub fn has_reached(entry: &Entry, run: Option<&Run>, seen: &Observation, settings: &Settings) -> bool {
    entry.plan.steps.iter().all(|step| match step {
        Step::AwaitRole { verb, to } => {
            let verb = Run::in_effect(run, entry.generation, verb);
            roles::is_reached(seen, &verb, *to, settings)
        }
        Step::AskHook | Step::Freeze | Step::AwaitLevel { .. } | Step::Promote { .. } => true,
        Step::Serve { .. } | Step::MoveRecords { .. } | Step::ConfirmEndpoint { .. } => true,
        Step::AwaitRouting { .. }
        | Step::Configure { .. }
        | Step::Refresh
        | Step::Verify { .. }
        | Step::TellHook => true,
    })
}
