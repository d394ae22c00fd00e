//! The two functions that watch, the events that reach them, and a minute in which all three run.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use cutover_core::command::{Command, Verb};
use cutover_core::engine::{Invocation, Settings, handle, react};
use cutover_core::journal::Entry;
use cutover_core::observation::{AlarmPolicy, AlarmSeen, AlarmState, LimitSeen};
use cutover_core::phase::Action;
use cutover_core::replication::Seen;
use cutover_core::report::{Outcome, Report};
use cutover_core::trigger::Identity;

use super::Inner;
use super::drive::{Gate, poll};
use super::hand::Hand;
use super::story::{Answer, Story};

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-central-1";
pub const TASK: &str = "arn:aws:dms:eu-central-1:111122223333:task:FORWARD";
pub const REVERSE_TASK: &str = "arn:aws:dms:eu-central-1:111122223333:task:REVERSE";

pub const UPDATER: &str = "route53-updater";
pub const MONITOR: &str = "dms-monitor";
pub const GUARD: &str = "alarm-rollback";

/// The function that a command is for.
pub fn function_of(verb: &Verb) -> &'static str {
    match verb {
        Verb::Monitor { .. } => MONITOR,
        Verb::Guard { .. } => GUARD,
        Verb::Shift(_) | Verb::Climb { .. } | Verb::ManualCutover { .. } | Verb::Rollback => UPDATER,
        Verb::Status | Verb::Pause | Verb::Resume | Verb::Complete | Verb::Tick => UPDATER,
    }
}

impl Inner {
    /// What `DescribeAlarms` says of one alarm from now on.
    pub fn alarm(&mut self, name: &str, policy: AlarmPolicy, state: AlarmState) {
        let seen = AlarmSeen {
            name: name.to_owned(),
            policy,
            state,
            suppressed: false,
        };
        let mut alarms = self.alarms.known().cloned().unwrap_or_default();
        match alarms.iter_mut().find(|alarm| alarm.name == name) {
            Some(alarm) => *alarm = seen,
            None => alarms.push(seen),
        }
        self.alarms = Seen::Known(alarms);
    }

    pub fn suppress(&mut self, name: &str, suppressed: bool) {
        let mut alarms = self.alarms.known().cloned().unwrap_or_default();
        for alarm in alarms.iter_mut().filter(|alarm| alarm.name == name) {
            alarm.suppressed = suppressed;
        }
        self.alarms = Seen::Known(alarms);
    }

    pub fn limit(&mut self, name: &'static str, percent: Seen<u64>) {
        self.limits.retain(|limit| limit.name != name);
        self.limits.push(LimitSeen {
            name,
            percent,
            percent_max: 5,
        });
    }

    /// What was decided so far, oldest first.
    pub fn actions(&self) -> Vec<Action> {
        self.journal.values().map(|entry| entry.action).collect()
    }
}

/// `EventBridge`'s word on an alarm.
pub fn alarm_event(story: &Story, id: &str, name: &str, from: &str, to: &str) -> String {
    let now = story.world().now;
    format!(
        r#"{{"id":"{id}","detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch",
        "account":"{ACCOUNT}","region":"{REGION}","time":"{now}",
        "resources":["arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"],
        "detail":{{"alarmName":"{name}","state":{{"value":"{to}","timestamp":"{now}"}},
        "previousState":{{"value":"{from}"}}}}}}"#
    )
}

/// DMS's word on the forward task.
pub fn task_event(story: &Story, id: &str, what: &str) -> String {
    let now = story.world().now;
    format!(
        r#"{{"id":"{id}","detail-type":"DMS Replication Task State Change","source":"aws.dms",
        "account":"{ACCOUNT}","region":"{REGION}","time":"{now}","resources":["{TASK}"],
        "detail":{{"eventType":"REPLICATION_TASK_{what}","type":"REPLICATION_TASK"}}}}"#
    )
}

impl Story {
    /// Reads may stand between the databases for as long as they like.
    pub fn without_window(mut self) -> Self {
        self.settings.policy.window_minutes = 0;
        self
    }

    /// Reads at 50 % for as long as they like, all quiet.
    pub fn shifted() -> Self {
        Self::fresh().without_window().reads_at(50)
    }

    /// An alarm is in ALARM from now on, and its event arrives.
    #[track_caller]
    pub fn rings(&mut self, name: &str, policy: AlarmPolicy) -> Outcome {
        self.alarm(name, policy, AlarmState::Alarm).outcome
    }

    /// The environment as that function has it.
    pub fn settings_of(&self, function: &str) -> Settings {
        Settings {
            function: function.to_owned(),
            ..self.settings.clone()
        }
    }

    pub fn hand(&self, function: &str, invocation: &Invocation) -> Hand {
        Hand {
            shared: Arc::clone(&self.shared),
            gate: Gate::default(),
            deadline: Mutex::new(invocation.deadline),
            function: function.to_owned(),
            memory: self.memory.clone(),
        }
    }

    /// One delivery of a command, which may be its second.
    pub fn deliver(&self, invocation: &Invocation, command: &Command) -> Answer {
        let function = function_of(&command.verb);
        let (hand, settings) = (self.hand(function, invocation), self.settings_of(function));
        finish(&hand, Box::pin(handle(&hand, &settings, invocation, command)))
    }

    fn identity(&self) -> Identity {
        let alarms = ["errors", "latency", "business"].map(str::to_owned);
        let mut alarms = Vec::from(alarms);
        if let Seen::Known(seen) = &self.world().alarms {
            alarms.extend(seen.iter().map(|alarm| alarm.name.clone()));
        }
        Identity {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            tasks: vec![TASK.to_owned(), REVERSE_TASK.to_owned()],
            task_names: Vec::new(),
            related: Vec::new(),
            alarms,
        }
    }

    /// One payload as it reaches a function, which may be its second delivery.
    pub fn receive(&self, function: &str, invocation: &Invocation, payload: &[u8]) -> Answer {
        let (hand, settings) = (self.hand(function, invocation), self.settings_of(function));
        let identity = self.identity();
        match function {
            MONITOR => finish(
                &hand,
                Box::pin(react::monitor(&hand, &settings, &identity, invocation, payload)),
            ),
            GUARD => finish(
                &hand,
                Box::pin(react::guard(&hand, &settings, &identity, invocation, payload)),
            ),
            _ => finish(
                &hand,
                Box::pin(react::command(&hand, &settings, &identity, invocation, payload)),
            ),
        }
    }

    /// A new payload for a function.
    pub fn receives(&mut self, function: &str, payload: &str) -> Answer {
        let invocation = self.invocation();
        self.receive(function, &invocation, payload.as_bytes())
    }

    /// The clock asks dms-monitor; no time passes.
    #[track_caller]
    pub fn monitor(&mut self) -> Report {
        self.receives(MONITOR, r#"{"action":"tick"}"#).report()
    }

    /// The clock asks alarm-rollback; no time passes.
    #[track_caller]
    pub fn guard(&mut self) -> Report {
        self.receives(GUARD, r#"{"action":"tick"}"#).report()
    }

    /// DMS tells dms-monitor something of the forward task.
    #[track_caller]
    pub fn task_tells(&mut self, what: &str) -> Report {
        let event = task_event(self, &format!("dms-{}", self.world().calls.len()), what);
        self.receives(MONITOR, &event).report()
    }

    /// The alarm goes into that state, and alarm-rollback is told.
    #[track_caller]
    pub fn alarm(&mut self, name: &str, policy: AlarmPolicy, state: AlarmState) -> Report {
        self.world().alarm(name, policy, state);
        let (from, to) = match state {
            AlarmState::Alarm => ("OK", "ALARM"),
            AlarmState::Ok => ("ALARM", "OK"),
            AlarmState::InsufficientData | AlarmState::Absent => ("OK", "INSUFFICIENT_DATA"),
        };
        let id = format!("alarm-{}", self.world().calls.len());
        let event = alarm_event(self, &id, name, from, to);
        self.receives(GUARD, &event).report()
    }

    /// A minute later, all three functions by the clock.
    pub fn minute(&mut self) {
        let _tick = self.tick();
        for function in [MONITOR, GUARD] {
            let _looks = self.receives(function, r#"{"action":"tick"}"#);
        }
    }

    pub fn minutes(&mut self, count: usize) {
        for _ in 0..count {
            self.minute();
        }
    }

    /// The newest journal entry.
    pub fn last_entry(&self) -> Entry {
        let world = self.world();
        world.journal[&world.head()].clone()
    }

    /// Whom the record says it is held by.
    pub fn held(&self) -> Vec<String> {
        let held = self.state().record.held;
        held.iter().map(|held| held.by.as_str().to_owned()).collect()
    }

    pub fn actions(&self) -> Vec<Action> {
        self.world().actions()
    }

    /// What was told from the given notice on.
    pub fn told_since(&self, count: usize) -> Vec<String> {
        self.told().split_off(count)
    }
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<Report, cutover_core::error::Failure>> + 'a>>;

fn finish(hand: &Hand, mut running: Running<'_>) -> Answer {
    match poll(&mut running) {
        Some(Ok(report)) => Answer::Said(Box::new(report)),
        Some(Err(failure)) => Answer::Failed(failure),
        None => {
            assert!(hand.gate.is_crashed(), "an invocation hangs");
            Answer::Crashed
        }
    }
}
