//! Two invocations side by side, one granted call at a time, while the primary's region may go and come back, so that
//! every order can be tried.

use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use cutover_core::dr::engine::react::answer;
use cutover_core::dr::report::Report;
use cutover_core::engine::Invocation;
use cutover_core::error::Failure;
use cutover_core::told::Memory;
use jiff::SignedDuration;

use super::Inner;
use super::aws::Region;
use super::drive::{Gate, poll};
use super::environment::identity;
use super::faults::Op;
use super::hand::Hand;
use super::laws::Sight;
use super::story::Story;

/// Lambda's timeout, short, so that waits end soon and the clock takes over.
const TIMEOUT_SECONDS: i64 = 15;

/// What may happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// A waiting call of an invocation takes effect.
    Grant { who: usize, ticket: usize, op: Op },
    /// The invocation is gone; its waiting calls never happen.
    Crash(usize),
    /// The invocation is gone, and the operation that it had asked for is still on its way.
    Freeze(usize),
    /// That operation arrives.
    Deliver(usize),
    /// The primary's region goes, or comes back.
    Region(Region),
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
    /// How many of them may still die.
    crashes: usize,
    /// What may still become of the region, in this order.
    regions: Vec<Region>,
}

impl Schedule {
    pub fn begin(story: &Story, payloads: &[String], regions: &[Region], crashes: usize) -> Self {
        let story = story.again();
        let now = story.world().now;
        let mut schedule = Self {
            shared: Arc::clone(&story.shared),
            runners: Vec::new(),
            crashes,
            regions: regions.to_vec(),
        };
        for (who, payload) in payloads.iter().enumerate() {
            let invocation = Invocation {
                id: format!("side-{who}"),
                trigger: String::new(),
                deadline: now + SignedDuration::from_secs(TIMEOUT_SECONDS),
            };
            let hand = Arc::new(Hand {
                shared: Arc::clone(&story.shared),
                gate: Gate::closed(),
                deadline: invocation.deadline,
                memory: Memory::default(),
                sight: Mutex::new(Sight::default()),
            });
            let (ours, settings, payload) = (Arc::clone(&hand), story.settings.clone(), payload.clone());
            let future = async move {
                Box::pin(answer(
                    &*ours,
                    &settings,
                    &identity(),
                    &invocation,
                    payload.as_bytes(),
                ))
                .await
            };
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
        if poll(future).is_some() {
            runner.future = None;
            runner.life = Life::Ended;
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
                    let grants = choices.iter().map(|(ticket, op)| Move::Grant {
                        who,
                        ticket: *ticket,
                        op: *op,
                    });
                    moves.extend(grants);
                    if self.crashes > 0 {
                        moves.push(Move::Crash(who));
                        if choices.iter().any(|(_, op)| *op == Op::Promote) {
                            moves.push(Move::Freeze(who));
                        }
                    }
                }
                Life::Frozen => moves.push(Move::Deliver(who)),
                Life::Ended | Life::Gone => {}
            }
        }
        if !self.is_over() {
            moves.extend(self.regions.first().map(|region| Move::Region(*region)));
        }
        moves
    }

    /// Whether nobody runs any more; an operation may still be on its way.
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
                self.crashes -= 1;
                self.runners[who].future = None;
                self.runners[who].life = Life::Gone;
            }
            Move::Freeze(who) => {
                self.crashes -= 1;
                self.runners[who].life = Life::Frozen;
            }
            Move::Deliver(who) => self.deliver(who),
            Move::Region(region) => {
                self.regions.remove(0);
                self.shared.lock().unwrap().region(region);
            }
        }
    }

    fn deliver(&mut self, who: usize) {
        let runner = &mut self.runners[who];
        let gate = &runner.hand.gate;
        let ticket = gate.choices().into_iter().find(|(_, op)| *op == Op::Promote);
        gate.grant(ticket.map_or(0, |(ticket, _)| ticket));
        if let Some(future) = &mut runner.future {
            let _nobody_hears_it = poll(future);
        }
        runner.future = None;
        runner.life = Life::Gone;
    }

    /// Two schedules with the same fingerprint go on alike.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.shared.lock().unwrap().fingerprint().hash(&mut hasher);
        (self.crashes, self.regions.len()).hash(&mut hasher);
        for runner in &self.runners {
            runner.life.hash(&mut hasher);
            if matches!(runner.life, Life::Runs | Life::Frozen) {
                runner.hand.gate.hearsay().hash(&mut hasher);
                let choices = runner.hand.gate.choices();
                let ops: Vec<Op> = choices.into_iter().map(|(_, op)| op).collect();
                ops.hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}
