//! From where a migration stands, what was asked, and what was seen, to what to do. Pure and total.

pub mod cutover;
mod force;
mod gradual;
pub mod guard;
mod marks;
mod monitor;
mod rollback;
pub mod standing;
pub mod stops;
mod tick;

use jiff::Timestamp;

use crate::blocker::{Blocker, Code};
use crate::command::{Command, Verb};
use crate::gates;
use crate::journal::Previous;
use crate::observation::Observation;
use crate::phase::{Action, Legality, Phase, legality};
use crate::plan::Plan;
use crate::policy::Policy;
use crate::record::Record;
use crate::viability::Viability;
use crate::weight::Topology;
use standing::Standing;

/// What to do next. Holding is a normal outcome, not an error.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Nothing to do; the sentence says why that is right.
    Rest(String),
    /// Somebody else is at it.
    InProgress(String),
    /// Not now, for these reasons.
    Hold(Vec<Blocker>),
    /// Not from here, for these reasons.
    Refuse(Vec<Blocker>, String),
    /// Only a person can decide: what it would cost, and how to say yes.
    Ask(Vec<Blocker>, Viability),
    /// Claim the next generation and carry this out.
    Go(Box<Intent>),
    /// The head's own plan goes on.
    Continue,
    /// The head's executor is gone and its effect is unexplained: nothing more is done in its name.
    Abandon(Vec<Blocker>),
}

/// A decision that changes something.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    pub action: Action,
    /// Why, where no person gave a reason.
    pub cause: String,
    pub plan: Plan,
    /// The phase while the plan runs.
    pub during: Phase,
    pub before: Record,
    /// How it stands when the plan is done.
    pub record: Record,
    pub previous: Previous,
    /// Blockers that a person overrode.
    pub forced: Vec<Blocker>,
    pub give_up_at: Option<Timestamp>,
}

/// Everything a decision is made from.
pub struct Question<'a> {
    pub command: &'a Command,
    pub standing: &'a Standing,
    pub observation: &'a Observation,
    pub policy: &'a Policy,
    pub topology: Topology,
    /// The invocation that asks, and the event that started it, to recognise a repeated delivery.
    pub invocation: &'a str,
    pub trigger: &'a str,
}

impl Question<'_> {
    fn now(&self) -> Timestamp {
        self.observation.at
    }

    fn record(&self) -> &Record {
        &self.standing.record
    }

    fn intent(&self, plan: Plan, during: Phase, record: Record, forced: Vec<Blocker>) -> Decision {
        Decision::Go(Box::new(self.intend(plan, during, record, forced)))
    }

    /// An intent whose waits may go on until then.
    fn intent_until(
        &self,
        give_up_at: Option<Timestamp>,
        plan: Plan,
        during: Phase,
        record: Record,
        forced: Vec<Blocker>,
    ) -> Decision {
        Decision::Go(Box::new(Intent {
            give_up_at,
            ..self.intend(plan, during, record, forced)
        }))
    }

    fn intend(&self, plan: Plan, during: Phase, record: Record, forced: Vec<Blocker>) -> Intent {
        // A decision starts from what stands, unless that is somebody's edit which nobody has adopted.
        let adopted =
            self.standing.drifted.is_empty() || forced.iter().any(|blocker| blocker.code == Code::Drift);
        let before = self.standing.before();
        let before = match self.observation.traffic(self.topology) {
            Some(found) if adopted => before.carrying(found),
            Some(_) | None => before,
        };
        Intent {
            action: self.command.action(),
            cause: String::new(),
            plan,
            during,
            before,
            record: Record {
                superseded: self.standing.superseded(self.now()),
                ..record
            },
            previous: self.standing.previous,
            forced,
            give_up_at: None,
        }
    }

    /// A decision that only changes the record.
    fn mark(&self, action: Action, cause: String, record: Record) -> Decision {
        let phase = record.phase;
        Decision::Go(Box::new(Intent {
            action,
            cause,
            ..self.intend(Plan::default(), phase, record, Vec::new())
        }))
    }
}

#[must_use]
pub fn decide(question: &Question<'_>) -> Decision {
    if let Some(decision) = moved_on(question).or_else(|| not_from_here(question)) {
        return decision;
    }
    match &question.command.verb {
        Verb::Status => Decision::Rest("looked".to_owned()),
        Verb::Tick => tick::decide(question),
        Verb::Rollback => rollback::decide(question),
        Verb::Shift(weight) => not_while_open(question, |question| gradual::shift(question, *weight)),
        Verb::Climb { rungs, bake_minutes } => not_while_open(question, |question| {
            gradual::climb(question, rungs, *bake_minutes)
        }),
        Verb::ManualCutover { writes_stopped } => {
            not_while_open(question, |question| cutover::decide(question, *writes_stopped))
        }
        Verb::Pause => not_while_open(question, marks::pause),
        Verb::Resume => not_while_open(question, marks::resume),
        Verb::Complete => not_while_open(question, marks::complete),
        Verb::Monitor { .. } => monitor::decide(question),
        Verb::Guard { .. } => guard::decide(question),
    }
}

/// Refuses when the caller decided on an older state, and recognises the same delivery come twice.
fn moved_on(question: &Question<'_>) -> Option<Decision> {
    let head = question.standing.head;
    if question
        .standing
        .was_claimed_by(question.invocation, question.trigger)
    {
        return match &question.standing.open {
            Some(_) if !question.command.verb.is_unattended() => Some(Decision::InProgress(format!(
                "generation {head} is this very invocation's"
            ))),
            Some(_) => None,
            None => Some(Decision::Rest(format!(
                "generation {head} was already decided by this invocation"
            ))),
        };
    }
    let expected = question.command.options.expected_generation?;
    (expected != head).then(|| {
        let sentence = format!("the state is at generation {head}, expected {expected}");
        Decision::Refuse(
            vec![Blocker::new(Code::GenerationMoved, sentence.clone())],
            sentence,
        )
    })
}

fn not_from_here(question: &Question<'_>) -> Option<Decision> {
    let action = question.command.action();
    match legality(question.record().phase, action) {
        Legality::Legal => None,
        Legality::AlreadySo(why) => Some(Decision::Rest(why.to_owned())),
        Legality::Refused(why) => Some(match &question.standing.open {
            Some(_) => in_progress(question, why),
            None if asks_for_what_stands(question) => Decision::Rest(STANDS.to_owned()),
            None => Decision::Refuse(Vec::new(), why.to_owned()),
        }),
    }
}

const STANDS: &str = "the target already has that share";

/// Asking again for a weight that stands is no reason to refuse, whatever the phase.
fn asks_for_what_stands(question: &Question<'_>) -> bool {
    let reads = question.observation.weights(question.topology.reads());
    match &question.command.verb {
        Verb::Shift(weight) => reads.is_some_and(|found| gradual::stands_at(found, *weight)),
        Verb::Climb { .. } | Verb::ManualCutover { .. } | Verb::Rollback | Verb::Status => false,
        Verb::Pause | Verb::Resume | Verb::Complete | Verb::Tick => false,
        Verb::Monitor { .. } | Verb::Guard { .. } => false,
    }
}

/// An equal command is answered as in progress; another one has to wait.
fn in_progress(question: &Question<'_>, why: &str) -> Decision {
    let Some(open) = &question.standing.open else {
        return Decision::Refuse(Vec::new(), why.to_owned());
    };
    let (generation, action) = (open.generation, open.action.name());
    if standing::is_equal_command(open, question.command, question.topology) {
        return Decision::InProgress(format!("generation {generation} ({action}) is being carried out"));
    }
    let message = format!(
        "generation {generation} ({action}) is being carried out until {}: {why}",
        open.deadline
    );
    Decision::Hold(vec![Blocker::new(Code::InProgress, message)])
}

fn not_while_open(question: &Question<'_>, then: impl FnOnce(&Question<'_>) -> Decision) -> Decision {
    match &question.standing.open {
        Some(_) => in_progress(question, "wait for it, or use rollback, which need not wait"),
        None => then(question),
    }
}

/// The checks that come before any other: the records are there, and they are as we left them.
fn groundwork(question: &Question<'_>) -> Vec<Blocker> {
    let (observation, topology) = (question.observation, question.topology);
    let mut blockers = gates::records_present(observation, topology);
    let drift = gates::no_drift(question.record(), &question.standing.drifted, observation);
    blockers.extend(drift.or_else(|| gates::somebody_answers(observation, topology)));
    blockers
}
