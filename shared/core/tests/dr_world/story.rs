//! A story: an environment, what reaches the function, and what came of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};

use cutover_core::blocker::Code;
use cutover_core::dr::engine::react::answer;
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::plan::Equipment;
use cutover_core::dr::report::Report;
use cutover_core::dr::settings::Settings;
use cutover_core::dr::state::State;
use cutover_core::engine::Invocation;
use cutover_core::error::Failure;
use cutover_core::report::Outcome;
use cutover_core::told::Memory;
use jiff::SignedDuration;

use super::aws::Region;
use super::drive::{Gate, poll};
use super::environment::{identity, settings};
use super::faults::Op;
use super::hand::Hand;
use super::laws::{self, Sight};
use super::{ALARM, Inner};

/// Lambda's timeout of every invocation.
pub const TIMEOUT_SECONDS: i64 = 120;
/// Ticks after which a story must have come to rest.
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
    pub memory: Memory,
    invocations: usize,
}

impl Story {
    /// Two healthy ticks old, so that endpoints and lag are known.
    pub fn fresh() -> Self {
        let mut story = Self {
            shared: Arc::new(Mutex::new(Inner::new())),
            settings: settings(),
            memory: Memory::default(),
            invocations: 0,
        };
        story.ticks(2);
        story
    }

    /// Everything that an environment may have.
    pub fn equipped() -> Self {
        let mut story = Self::fresh();
        story.settings.equipment = Equipment {
            migration: true,
            routing_alarm: true,
            records: true,
            global_endpoint: true,
            application: true,
            instance_refresh: true,
            pre_hook: true,
            post_hook: true,
        };
        story
    }

    /// The primary's region has been gone for just long enough for the alarm to go off.
    pub fn lost(self) -> Self {
        self.world().region(Region::Dark);
        self.passes(30);
        self
    }

    /// The DR cluster serves, the old region is back, and the block period is over.
    pub fn over(mut self) -> Self {
        self.world().region(Region::Dark);
        self.passes(30);
        let _promoted = self.rings("outage");
        self.until_quiet();
        assert_eq!(self.state().record.phase, Phase::FailedOver);
        self.world().region(Region::Well);
        self.ticks(61);
        self
    }

    pub fn world(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock().unwrap()
    }

    /// The same story up to here, to be told on in another way.
    pub fn again(&self) -> Self {
        let inner = self.world().clone();
        self.in_world(Arc::new(Mutex::new(inner)))
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

    pub fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    pub fn passes(&self, seconds: i64) {
        self.world().advance(seconds);
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

    pub fn hand(&self, invocation: &Invocation, gate: Gate) -> Hand {
        Hand {
            shared: Arc::clone(&self.shared),
            gate,
            deadline: invocation.deadline,
            memory: self.memory.clone(),
            sight: Mutex::new(Sight::default()),
        }
    }

    /// One delivery, which may be its second.
    pub fn deliver(&self, invocation: &Invocation, payload: &str) -> Answer {
        let hand = self.hand(invocation, Gate::default());
        let (settings, identity) = (self.settings.clone(), identity());
        let mut running: Pin<Box<dyn Future<Output = _>>> = Box::pin(answer(
            &hand,
            &settings,
            &identity,
            invocation,
            payload.as_bytes(),
        ));
        match poll(&mut running) {
            Some(Ok(report)) => Answer::Said(Box::new(report)),
            Some(Err(failure)) => Answer::Failed(failure),
            None => {
                assert!(hand.gate.is_crashed(), "an invocation hangs");
                Answer::Crashed
            }
        }
    }

    pub fn send(&mut self, payload: &str) -> Answer {
        let invocation = self.invocation();
        self.deliver(&invocation, payload)
    }

    /// A minute later, the schedule.
    pub fn tick(&mut self) -> Answer {
        self.passes(60);
        self.send(r#"{"action":"tick"}"#)
    }

    pub fn ticks(&mut self, count: usize) {
        for _ in 0..count {
            let _answer = self.tick();
        }
    }

    /// `CloudWatch`'s word that the alarm went off.
    pub fn alarm_event(&self, id: &str) -> String {
        let now = self.world().now;
        format!(
            r#"{{"id":"{id}","detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch",
            "account":"111122223333","region":"eu-west-1","time":"{now}",
            "resources":["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{ALARM}"],
            "detail":{{"alarmName":"{ALARM}","state":{{"value":"ALARM","timestamp":"{now}"}},
            "previousState":{{"value":"OK"}}}}}}"#
        )
    }

    pub fn rings(&mut self, id: &str) -> Answer {
        let event = self.alarm_event(id);
        self.send(&event)
    }

    /// RDS's word on something in a region.
    pub fn rds_tells(&mut self, number: &str, region: &str, kind: &str, name: &str) -> Answer {
        let now = self.world().now;
        let detail_type = if kind == "db" {
            "RDS DB Instance Event"
        } else {
            "RDS DB Cluster Event"
        };
        let event = format!(
            r#"{{"id":"rds-{number}-{name}","detail-type":"{detail_type}","source":"aws.rds",
            "account":"111122223333","region":"{region}","time":"{now}",
            "resources":["arn:aws:rds:{region}:111122223333:{kind}:{name}"],
            "detail":{{"SourceArn":"arn:aws:rds:{region}:111122223333:{kind}:{name}",
            "EventID":"RDS-EVENT-{number}","Date":"{now}","Message":"as documented"}}}}"#
        );
        self.send(&event)
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
            let same = rests && before == self.essence();
            quiet = if same { quiet + 1 } else { 0 };
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
            (state.generation, state.record, state.outcome, hold, state.untold)
        });
        format!("{} {:?} {:?}", inner.head(), inner.aws.accepted, state)
    }

    pub fn state(&self) -> State {
        self.world().state().unwrap()
    }

    pub fn actions(&self) -> Vec<Action> {
        self.world().journal.values().map(|entry| entry.action).collect()
    }

    /// Operations that AWS accepted, by name.
    pub fn accepted(&self) -> Vec<String> {
        let inner = self.world();
        inner
            .aws
            .accepted
            .iter()
            .map(|(verb, to)| format!("{verb} {to}"))
            .collect()
    }

    pub fn told(&self) -> Vec<String> {
        let inner = self.world();
        inner
            .notices
            .iter()
            .map(|notice| notice.headline.clone())
            .collect()
    }

    pub fn called(&self, op: Op) -> usize {
        self.world().calls.iter().filter(|called| **called == op).count()
    }

    #[track_caller]
    pub fn agrees(&self) {
        laws::all_agrees(&self.world());
    }
}

/// The codes of an answer.
pub fn codes(report: &Report) -> Vec<Code> {
    report.blockers.iter().map(|blocker| blocker.code).collect()
}
