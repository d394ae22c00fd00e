//! Two invocations side by side, one granted call at a time, so that every order can be tried.

use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use cutover_core::command::Command;
use cutover_core::engine::{Invocation, handle};
use cutover_core::error::Failure;
use cutover_core::report::Report;
use cutover_core::told::Memory;
use jiff::{SignedDuration, Timestamp};

use super::Inner;
use super::drive::{Gate, poll};
use super::faults::Op;
use super::hand::Hand;
use super::story::{Story, TIMEOUT_SECONDS};
use super::watchers::function_of;

/// What may happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// A waiting call of an invocation takes effect.
    Grant { who: usize, ticket: usize, op: Op },
    /// The invocation is gone; its waiting calls never happen.
    Crash(usize),
    /// The invocation is gone, and the weight change it had sent is still on its way.
    Freeze(usize),
    /// That weight change arrives.
    Deliver(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Life {
    Runs,
    Ended,
    Gone,
    Frozen,
}

type Running = Pin<Box<dyn Future<Output = Result<Report, Failure>>>>;

struct Runner {
    hand: Arc<Hand>,
    future: Option<Running>,
    life: Life,
}

/// One schedule, as far as it went.
pub struct Schedule {
    pub shared: Arc<Mutex<Inner>>,
    runners: Vec<Runner>,
    pub answers: Vec<(usize, Result<Report, Failure>)>,
    crashes: usize,
}

impl Schedule {
    pub fn begin(story: &Story, commands: &[Command]) -> Self {
        let story = story.again();
        let now = story.world().now;
        let mut schedule = Self {
            shared: Arc::clone(&story.shared),
            runners: Vec::new(),
            answers: Vec::new(),
            crashes: 0,
        };
        for (who, command) in commands.iter().enumerate() {
            let deadline = now + SignedDuration::from_secs(TIMEOUT_SECONDS);
            let hand = Hand {
                shared: Arc::clone(&story.shared),
                gate: Gate::closed(),
                deadline: Mutex::new(deadline),
                function: function_of(&command.verb).to_owned(),
                memory: Memory::default(),
            };
            let hand = Arc::new(hand);
            let settings = story.settings_of(&hand.function);
            let (ours, command) = (Arc::clone(&hand), command.clone());
            let invocation = Invocation {
                id: format!("side-{who}"),
                trigger: String::new(),
                deadline,
            };
            let future = async move { Box::pin(handle(&*ours, &settings, &invocation, &command)).await };
            schedule.runners.push(Runner {
                hand,
                future: Some(Box::pin(future)),
                life: Life::Runs,
            });
            schedule.run(who);
        }
        schedule
    }

    fn run(&mut self, who: usize) {
        let runner = &mut self.runners[who];
        let Some(future) = &mut runner.future else { return };
        if let Some(answer) = poll(future) {
            runner.future = None;
            runner.life = Life::Ended;
            self.answers.push((who, answer));
        } else if runner.hand.gate.is_crashed() {
            runner.future = None;
            runner.life = Life::Gone;
        }
    }

    pub fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        for (who, runner) in self.runners.iter().enumerate() {
            match runner.life {
                Life::Runs => {
                    let choices = runner.hand.gate.choices();
                    moves.extend(choices.iter().map(|(ticket, op)| Move::Grant {
                        who,
                        ticket: *ticket,
                        op: *op,
                    }));
                    if self.crashes == 0 {
                        moves.push(Move::Crash(who));
                        if choices.iter().any(|(_, op)| *op == Op::SetWeights) {
                            moves.push(Move::Freeze(who));
                        }
                    }
                }
                Life::Frozen => moves.push(Move::Deliver(who)),
                Life::Ended | Life::Gone => {}
            }
        }
        moves
    }

    /// Whether nobody runs any more; a change may still be on its way.
    pub fn is_over(&self) -> bool {
        self.runners.iter().all(|runner| runner.life != Life::Runs)
    }

    pub fn frozen(&self) -> Option<usize> {
        self.runners.iter().position(|runner| runner.life == Life::Frozen)
    }

    pub fn make(&mut self, next: Move) {
        match next {
            Move::Grant { who, ticket, .. } => {
                self.runners[who].hand.gate.grant(ticket);
                self.run(who);
            }
            Move::Crash(who) => {
                self.crashes += 1;
                self.runners[who].future = None;
                self.runners[who].life = Life::Gone;
            }
            Move::Freeze(who) => {
                self.crashes += 1;
                self.runners[who].life = Life::Frozen;
            }
            Move::Deliver(who) => {
                let hand = Arc::clone(&self.runners[who].hand);
                *hand.deadline.lock().unwrap() = Timestamp::MAX;
                let ticket = hand
                    .gate
                    .choices()
                    .into_iter()
                    .find(|(_, op)| *op == Op::SetWeights);
                hand.gate.grant(ticket.map_or(0, |(ticket, _)| ticket));
                if let Some(future) = &mut self.runners[who].future {
                    let _nobody_hears_it = poll(future);
                }
                self.runners[who].future = None;
                self.runners[who].life = Life::Gone;
            }
        }
    }

    /// Two schedules with the same fingerprint go on alike.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.shared.lock().unwrap().fingerprint().hash(&mut hasher);
        self.crashes.hash(&mut hasher);
        for runner in &self.runners {
            runner.life.hash(&mut hasher);
            if matches!(runner.life, Life::Runs | Life::Frozen) {
                runner.hand.gate.hearsay().hash(&mut hasher);
                let ops: Vec<Op> = runner.hand.gate.choices().into_iter().map(|(_, op)| op).collect();
                ops.hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}
