//! A story: an environment, what is asked of it, and what came of it.

use std::sync::{Arc, Mutex, MutexGuard};

use cutover_core::blocker::Code;
use cutover_core::command::{Command, Verb};
use cutover_core::engine::{Invocation, Settings};
use cutover_core::error::Failure;
use cutover_core::phase::Phase;
use cutover_core::policy::Policy;
use cutover_core::report::{Outcome, Report};
use cutover_core::state::State;
use cutover_core::told::Memory;
use cutover_core::weight::{Pair, Topology, Traffic};
use jiff::SignedDuration;

use super::{Inner, laws};

/// Lambda's timeout of every invocation.
pub const TIMEOUT_SECONDS: i64 = 60;
/// Ticks after which a story must have come to rest: more than any wait is allowed to take.
const TICKS_MAX: usize = 40;

#[derive(Debug)]
pub enum Answer {
    Said(Box<Report>),
    Failed(Failure),
    Crashed,
}

impl Answer {
    #[track_caller]
    pub fn report(self) -> Report {
        match self {
            Self::Said(report) => *report,
            Self::Failed(failure) => panic!("failed: {}", failure.chain()),
            Self::Crashed => panic!("crashed"),
        }
    }

    #[track_caller]
    pub fn failure(self) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            Self::Said(report) => panic!("said {report:?}"),
            Self::Crashed => panic!("crashed"),
        }
    }
}

pub struct Story {
    pub shared: Arc<Mutex<Inner>>,
    pub settings: Settings,
    /// Of the one instance that each function has.
    pub memory: Memory,
    invocations: usize,
}

impl Story {
    /// A reader and a writer pair on the source, replication level, a reverse task ready.
    pub fn fresh() -> Self {
        Self::of(Topology::Separate)
    }

    /// The same with one name for reads and writes.
    pub fn fresh_shared() -> Self {
        Self::of(Topology::Shared)
    }

    pub fn of(topology: Topology) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Inner::new(topology))),
            settings: Settings {
                environment: "dev".to_owned(),
                function: "route53-updater".to_owned(),
                topology,
                policy: Policy::default(),
            },
            memory: Memory::default(),
            invocations: 0,
        }
    }

    /// The world, to change it or to look.
    pub fn world(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock().unwrap()
    }

    /// The same story up to here, to be told on in another way.
    pub fn again(&self) -> Self {
        let inner = self.world().clone();
        Self {
            shared: Arc::new(Mutex::new(inner)),
            settings: self.settings.clone(),
            memory: Memory::default(),
            invocations: self.invocations,
        }
    }

    /// Told on in a world that something else has brought about.
    pub fn in_world(&self, shared: Arc<Mutex<Inner>>) -> Self {
        Self {
            shared,
            settings: self.settings.clone(),
            memory: Memory::default(),
            invocations: self.invocations,
        }
    }

    pub fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        change(&mut self.world());
        self
    }

    /// Reads moved by command, and settled.
    pub fn reads_at(mut self, percent: u8) -> Self {
        let report = self.shift(percent).report();
        assert_eq!(report.outcome, Outcome::Done, "{}", report.message);
        self.until_quiet();
        self
    }

    /// The writer moved by command, and settled.
    pub fn cut_over(mut self) -> Self {
        let _waits = self
            .send(r#"{"action":"manual_cutover","writes_stopped":true}"#)
            .report();
        self.until_quiet();
        assert_eq!(self.state().record.phase, Phase::CutOver);
        self
    }

    pub fn invocation(&mut self) -> Invocation {
        self.invocations += 1;
        let deadline = self.world().now + SignedDuration::from_secs(TIMEOUT_SECONDS);
        Invocation {
            id: format!("invocation-{}", self.invocations),
            trigger: String::new(),
            deadline,
        }
    }

    pub fn send(&mut self, payload: &str) -> Answer {
        let command = Command::parse(payload.as_bytes()).unwrap();
        let invocation = self.invocation();
        self.deliver(&invocation, &command)
    }

    pub fn shift(&mut self, percent: u8) -> Answer {
        self.send(&format!(
            r#"{{"action":"gradual_cutover","aurora_weight":{percent}}}"#
        ))
    }

    /// A minute later, the schedule.
    pub fn tick(&mut self) -> Answer {
        self.world().advance(60);
        let invocation = self.invocation();
        self.deliver(&invocation, &Command::plain(Verb::Tick))
    }

    pub fn ticks(&mut self, count: usize) {
        for _ in 0..count {
            let _answer = self.tick();
        }
    }

    /// Ticks until two in a row changed nothing and nothing is awaited; says how many it took.
    pub fn until_quiet(&mut self) -> usize {
        let mut quiet = 0;
        for count in 1..=TICKS_MAX {
            let before = self.essence();
            let rests = match self.tick() {
                Answer::Said(report) => report.outcome != Outcome::InProgress && report.waiting_on.is_empty(),
                Answer::Failed(_) | Answer::Crashed => false,
            };
            quiet = if rests && before == self.essence() {
                quiet + 1
            } else {
                0
            };
            if quiet == 2 {
                return count;
            }
        }
        panic!("no rest after {TICKS_MAX} ticks: {}", self.essence());
    }

    /// All that a quiet tick may not change.
    pub fn essence(&self) -> String {
        let inner = self.world();
        let state = inner.state().map(|state| {
            let hold = state.hold.map(|hold| hold.codes);
            (
                state.generation,
                state.record,
                state.outcome,
                state.settling,
                hold,
            )
        });
        format!("{} {:?} {:?}", inner.head(), inner.zone.pairs, state)
    }

    pub fn state(&self) -> State {
        self.world().state().unwrap()
    }

    pub fn head(&self) -> u32 {
        self.world().head()
    }

    /// The target's weight of a pair.
    pub fn target(&self, pair: Pair) -> u8 {
        self.world().zone.weights(pair).target
    }

    pub fn traffic(&self) -> Traffic {
        let inner = self.world();
        let zone = &inner.zone;
        Traffic {
            reader: zone.weights(inner.topology.reads()),
            writer: zone.weights(inner.topology.writes()),
        }
    }

    pub fn told(&self) -> Vec<String> {
        self.world()
            .notices
            .iter()
            .map(|notice| notice.headline.clone())
            .collect()
    }

    /// Everything agrees after the last tick.
    #[track_caller]
    pub fn agrees(&self) {
        laws::all_agrees(&self.world());
    }
}

/// The codes of an answer.
pub fn codes(report: &Report) -> Vec<Code> {
    report.blockers.iter().map(|blocker| blocker.code).collect()
}
