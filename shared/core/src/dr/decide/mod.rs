//! What to do next: pure and total. No clock, no I/O, no environment.

mod automatic;
mod by_hand;
mod holding;
mod left_behind;
mod planned;
mod plans;

use jiff::Timestamp;

use super::command::{Command, Verb};
use super::observation::Observation;
use super::phase::{Action, Phase};
use super::plan::Step;
use super::record::Record;
use super::settings::Settings;
use super::standing::Standing;
use super::votes::Vote;
use crate::blocker::{Blocker, Code};
use crate::command::InvalidRequest;
use crate::journal::Previous;
use crate::plan::Plan;
use crate::replication::Seen;

pub use automatic::{confirmed_seconds, first_sign};
pub(super) use holding::{asks_a_person, reasons};

/// Everything a decision is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub command: &'a Command,
    pub standing: &'a Standing,
    pub seen: &'a Observation,
    /// About the region of the writer.
    pub votes: &'a [Vote],
    pub settings: &'a Settings,
    pub invocation: &'a str,
    pub trigger: &'a str,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Claim the next generation and carry this out.
    Go(Box<Intent>),
    /// Go on with the head's own plan.
    Continue,
    /// Not now, and why.
    Hold(Vec<Blocker>),
    /// Not at all as it was asked.
    Refuse(Vec<Blocker>, String),
    /// Nothing to do.
    Rest(String),
    /// Somebody is at it.
    InProgress(String),
    /// The payload names what is not there.
    Invalid(InvalidRequest),
}

/// What a generation is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub action: Action,
    /// Why, where no person gave a reason.
    pub cause: String,
    /// When the first sign of it was seen.
    pub detected: Timestamp,
    pub during: Phase,
    pub before: Record,
    pub plan: Plan<Step>,
    pub record: Record,
    pub previous: Previous,
}

#[must_use]
pub fn decide(question: &Question<'_>) -> Decision {
    if let Some(refusal) = moved_on(question) {
        return refusal;
    }
    if let Some(decision) = again(question).or_else(|| under_way(question)) {
        return decision;
    }
    match &question.command.verb {
        Verb::Status => Decision::Rest("looked, and changed nothing".to_owned()),
        Verb::Tick | Verb::Watch => holding::told(question, automatic::look(question)),
        Verb::Failover { target } => by_hand::failover(question, target.as_deref()),
        Verb::Switchover { target } => planned::switchover(question, target.as_deref()),
        Verb::Failback => planned::failback(question),
        Verb::Drill => planned::drill(question),
        Verb::Acknowledge => by_hand::acknowledge(question),
        Verb::Arm { mode } => by_hand::arm(question, *mode),
    }
}

fn moved_on(question: &Question<'_>) -> Option<Decision> {
    let expected = question.command.options.expected_generation?;
    let head = question.standing.head;
    (expected != head).then(|| {
        let message = format!("the generation is {head}, not {expected}: look again, then decide");
        Decision::Refuse(
            vec![Blocker::new(Code::GenerationMoved, message.clone())],
            message,
        )
    })
}

/// The same invocation, delivered once more: a second switchover would go back.
fn again(question: &Question<'_>) -> Option<Decision> {
    let standing = question.standing;
    if question.command.verb.is_unattended() || question.command.verb == Verb::Status {
        return None;
    }
    standing.is_by(question.invocation).then(|| {
        if standing.behind.is_some() {
            Decision::Continue
        } else {
            Decision::Rest(format!(
                "this invocation has done that already, as generation {}",
                standing.head
            ))
        }
    })
}

/// What an entry that is not known to be done means for a command.
fn under_way(question: &Question<'_>) -> Option<Decision> {
    let standing = question.standing;
    let entry = standing.behind.as_ref()?;
    let busy = || {
        Decision::InProgress(format!(
            "generation {} ({}) is being carried out",
            entry.generation,
            entry.action.name()
        ))
    };
    let owned = standing.is_owned(question.seen.at);
    match &question.command.verb {
        Verb::Status => None,
        Verb::Tick | Verb::Watch if owned && entry.invocation.as_str() != question.invocation => Some(busy()),
        Verb::Tick | Verb::Watch => Some(
            left_behind::taken_back(question, entry)
                .or_else(|| overtaken(question, entry.action))
                .unwrap_or(Decision::Continue),
        ),
        // A forced failover need not wait for a planned one, and is not repeated beside another.
        Verb::Failover { .. } if entry.action.is_forced() || is_back_from_a_loss(entry.action) => {
            Some(if owned { busy() } else { Decision::Continue })
        }
        Verb::Failover { .. } => None,
        Verb::Switchover { .. } | Verb::Failback | Verb::Drill
            if !owned && is_equal(question, entry.action) =>
        {
            Some(Decision::Continue)
        }
        Verb::Switchover { .. } | Verb::Failback | Verb::Drill => Some(busy()),
        Verb::Acknowledge | Verb::Arm { .. } => Some(busy()),
    }
}

/// A planned move that AWS has given up, and that waits for a region that is gone, must not keep the loss of that region
/// from being answered.
fn overtaken(question: &Question<'_>, under_way: Action) -> Option<Decision> {
    let is_planned = match under_way {
        Action::Switchover | Action::Failback | Action::Drill | Action::DrillBack => true,
        Action::Failover | Action::Promote | Action::Adopt | Action::WouldPromote => false,
        Action::Acknowledge | Action::Arm | Action::Status | Action::Tick | Action::Watch => false,
        Action::Suspect | Action::Hold | Action::Clear => false,
    };
    if !is_planned {
        return None;
    }
    let decision = automatic::look(question);
    let promotes = matches!(&decision, Decision::Go(intent) if intent.action == Action::Promote);
    promotes.then_some(decision)
}

/// What somebody else's promotion left to be done is not superseded either.
fn is_back_from_a_loss(action: Action) -> bool {
    action == Action::Adopt
}

fn is_equal(question: &Question<'_>, action: Action) -> bool {
    question.command.action() == action
}

impl Question<'_> {
    /// A change of the record and nothing else.
    fn mark(&self, action: Action, cause: String, record: Record) -> Decision {
        Decision::Go(Box::new(Intent {
            action,
            cause,
            detected: self.seen.at,
            during: record.phase,
            before: self.standing.record.clone(),
            plan: Plan::default(),
            record,
            previous: self.standing.previous,
        }))
    }

    /// The writer, or why nothing may be decided.
    fn writer(&self) -> Result<super::side::Side, Blocker> {
        match &self.standing.writer {
            Seen::Known(side) => Ok(*side),
            Seen::Unknown(why) => Err(Blocker::new(
                Code::WriterUnknown,
                format!("which cluster is the writer cannot be read: {why}"),
            )),
        }
    }
}
